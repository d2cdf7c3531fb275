# Term tests, links, margins on the log scale, average marginal effects; linearised and with replicate weights.
source("oracle.R")
tight <- glm.control(epsilon = 1e-14, maxit = 100)
sim <- read_data("simulated_paired"); columns <- read_data("replicate_columns")
known <- function(d) d[!is.na(d$smoker) & !is.na(d$bmi) & !is.na(d$income), ]  # survey 4.1 refits the reduced model to other rows
designs <- list(
  apistrat = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = read_data("apistrat"), fpc = ~fpc),
  apiclus1 = svydesign(id = ~dnum, weights = ~pw, data = read_data("apiclus1"), fpc = ~fpc),
  apiclus2_wr = svydesign(id = ~dnum + snum, weights = ~pw, data = read_data("apiclus2")),
  simulated_paired = subset(svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = sim), wt > 0 & !is.na(smoker) & !is.na(bmi) & !is.na(income)),
  fay = svrepdesign(data = known(columns), repweights = known(columns)[grep("^fay[0-9]+$", names(columns))], weights = known(columns)$wt, type = "Fay", rho = 0.3)
)
school <- c("meals", "ell", "stype", "comp.imp")
person <- c("bmi", "age", "income", "region")
api_models <- list(gaussian = api00 ~ meals + ell + stype + comp.imp, binomial = wide ~ meals + ell + stype, poisson = enroll ~ meals + stype)
sim_models <- list(gaussian = sbp ~ age + income + sex, binomial = smoker ~ age + bmi + income, poisson = visits ~ age * sex + income)
tested <- list(gaussian = c("stype", "meals,comp.imp", "ell"), binomial = c("stype", "meals,ell"), poisson = c("stype", "meals"))
sim_tested <- list(gaussian = c("income", "age,sex"), binomial = c("income", "bmi"), poisson = c("income", "age:sex"))
families <- list(gaussian = gaussian, binomial = quasibinomial, poisson = quasipoisson)
for (name in names(designs)) {
  api <- startsWith(name, "api")
  d <- if (api) update(designs[[name]], wide = as.numeric(sch.wide == "Yes")) else designs[[name]]
  for (kind in names(families)) {
    FORMULA <- (if (api) api_models else sim_models)[[kind]]; FAMILY <- families[[kind]]
    fit <- if (name == "fay") svyglm(FORMULA, d, family = FAMILY, control = tight) else svyglm(FORMULA, d, family = FAMILY, control = tight)
    put(name, kind, "", "estimate", coef(fit), row = names(coef(fit))); put(name, kind, "", "se", SE(fit), row = names(coef(fit)))
    if (fit$df.residual <= 0) next
    for (terms in (if (api) tested else sim_tested)[[kind]]) {
      asked <- make.formula(strsplit(terms, ",")[[1]])
      wald <- regTermTest(fit, asked, method = "Wald")
      put(name, kind, terms, "wald F", wald$Ftest); put(name, kind, terms, "wald p", wald$p); put(name, kind, terms, "df", wald$ddf)
      working <- regTermTest(fit, asked, method = "WorkingWald")
      put(name, kind, terms, "working-wald p", working$p); put(name, kind, terms, "working-wald statistic", working$chisq / mean(working$lambda))
      lrt <- regTermTest(fit, asked, method = "LRT")
      put(name, kind, terms, "lrt p", lrt$p); put(name, kind, terms, "lrt statistic", lrt$chisq / mean(lrt$lambda))
      put(name, kind, terms, "lambda", max(lrt$lambda) / mean(lrt$lambda))
      put(name, kind, terms, "lrt satterthwaite p", regTermTest(fit, asked, method = "LRT", lrt.approximation = "satterthwaite")$p)
      put(name, kind, terms, "lrt chisq p", regTermTest(fit, asked, method = "LRT", df = Inf)$p)
    }
  }
}

# Links, and coefficients exponentiated with their intervals.
links <- list(probit = quasibinomial("probit"), cloglog = quasibinomial("cloglog"), log = quasibinomial("log"), gamma = Gamma("log"),
              `negative-binomial` = MASS::negative.binomial(1))
for (name in c("apistrat", "apiclus1")) for (kind in names(links)) {
  d <- update(designs[[name]], wide = as.numeric(sch.wide == "Yes"), stype = factor(stype))
  begin <- if (kind %in% c("gamma", "negative-binomial")) c(6, 0, 0) else c(-0.2, 0)
  for (again in 1:15) {  # the deviance stops changing before the coefficients do
    fit <- if (kind %in% c("gamma", "negative-binomial")) svyglm(enroll ~ meals + ell, d, family = links[[kind]], control = tight, start = begin) else
      svyglm(wide ~ I(meals / 100), d, family = links[[kind]], control = tight, start = begin)
    begin <- coef(fit)
  }
  put(name, kind, "link", "estimate", coef(fit), row = names(coef(fit))); put(name, kind, "link", "se", SE(fit), row = names(coef(fit)))
  limits <- exp(confint(fit, ddf = fit$df.residual))
  put(name, kind, "link", "lower", limits[, 1], row = names(coef(fit))); put(name, kind, "link", "upper", limits[, 2], row = names(coef(fit)))
}

# Margins of a logistic model with their ratios, and the average marginal effect of a number.
for (name in c("apistrat", "apiclus1", "apiclus2_wr")) {
  d <- update(designs[[name]], wide = as.numeric(sch.wide == "Yes"), stype = factor(stype))
  margins <- svypredmeans(svyglm(wide ~ ell + meals, d, family = quasibinomial, control = tight), ~stype)
  put(name, "margins", "wide", "estimate", coef(margins), row = names(coef(margins))); put(name, "margins", "wide", "se", SE(margins), row = names(coef(margins)))
  class(margins) <- "svystat"
  for (level in c("H", "M")) {
    one <- as.name(level)
    ratio <- svycontrast(margins, bquote(log(.(one)) - log(E))); odds <- svycontrast(margins, bquote(log(.(one) / (1 - .(one))) - log(E / (1 - E))))
    gap <- svycontrast(margins, bquote(.(one) - E))
    put(name, "prevalence-ratio", level, "log", coef(ratio)); put(name, "prevalence-ratio", level, "se", SE(ratio))
    put(name, "odds-ratio", level, "log", coef(odds)); put(name, "odds-ratio", level, "se", SE(odds))
    put(name, "effect", level, "estimate", coef(gap)); put(name, "effect", level, "se", SE(gap))
  }
  fit <- svyglm(wide ~ ell + meals + stype, d, family = quasibinomial, control = tight)
  w <- weights(d); p <- fitted(fit); first <- p * (1 - p); second <- first * (1 - 2 * p); x <- model.matrix(fit)
  for (one in c("ell", "meals")) {
    b <- coef(fit)[[one]]; d <- update(d, slope = b * first)
    gradient <- b * colSums(w * second * x) / sum(w); gradient[one] <- gradient[one] + sum(w * first) / sum(w)
    put(name, "effect", one, "estimate", coef(svymean(~slope, d)))
    put(name, "effect", one, "se", sqrt(drop(gradient %*% vcov(fit) %*% gradient) + vcov(svymean(~slope, d))))
  }
}
# Contrasts of coefficients, linear and not.
fit <- svyglm(api_models$gaussian, designs$apiclus1)
linear <- svycontrast(fit, c(meals = 10, stypeH = -1)); bent <- svycontrast(fit, quote(meals / ell))
put("apiclus1", "contrast", "linear", "estimate", coef(linear)); put("apiclus1", "contrast", "linear", "se", SE(linear))
put("apiclus1", "contrast", "ratio", "estimate", coef(bent)); put("apiclus1", "contrast", "ratio", "se", SE(bent))

# Negative binomial with its dispersion: survey's own maximiser, and for replicates the same likelihood for each weight.
loglike <- function(x, eta, la) dnbinom(x, size = exp(-la), mu = exp(eta), log = TRUE)
gradient <- function(x, eta, la) {
  r <- exp(-la); m <- exp(eta)
  cbind((x - m) * r / (r + m), -r * (digamma(x + r) - digamma(r) + log(r / (r + m)) + 1 - (r + x) / (r + m)))
}
negative_binomial <- function(formula, data, w, start) {
  x <- model.matrix(formula, data); y <- data[[as.character(formula[[2]])]]; w <- w / mean(w); k <- ncol(x)
  value <- function(b) -sum(w * loglike(y, x %*% b[1:k], b[k + 1]))
  slope <- function(b) { g <- gradient(y, drop(x %*% b[1:k]), b[k + 1]); -c(colSums(w * g[, 1] * x), sum(w * g[, 2])) }
  for (again in 1:6) start <- optim(start, value, slope, method = "BFGS", control = list(reltol = 1e-17, maxit = 5000))$par
  for (again in 1:3) start <- start - drop(solve(optimHess(start, value, slope, control = list(ndeps = rep(1e-5, k + 1))), slope(start)))
  list(b = start, H = optimHess(start, value, slope, control = list(ndeps = rep(1e-5, k + 1))), scores = {
    g <- gradient(y, drop(x %*% start[1:k]), start[k + 1]); w * cbind(g[, 1] * x, g[, 2]) })
}
designs$made_jk1 <- as.svrepdesign(designs$apiclus1, type = "JK1")
begin <- c(6, 0, -1); MODEL <- enroll ~ I(meals / 1000)
for (name in c("apiclus1", "apistrat", "made_jk1")) {
  d <- designs[[name]]
  full <- negative_binomial(MODEL, d$variables, weights(d, "sampling"), begin)
  v <- if (name == "made_jk1") svrVar(t(apply(weights(d, "analysis"), 2, function(w) negative_binomial(MODEL, d$variables, w, full$b)$b)), d$scale, d$rscales, mse = d$mse, coef = full$b) else
    svyrecvar(full$scores %*% solve(full$H), d$cluster, d$strata, d$fpc, postStrata = d$postStrata)
  put(name, "dispersion", "", "estimate", full$b, row = seq_along(full$b)); put(name, "dispersion", "", "se", sqrt(diag(v)), row = seq_along(full$b))
}
other <- svymle(loglike, gradient, designs$apiclus1, list(eta = MODEL, la = ~1), start = list(c(6, 0), -1), method = "BFGS", control = list(reltol = 1e-16, maxit = 5000))
ours <- as.numeric(numbers$value[numbers$design == "apiclus1" & numbers$statistic == "dispersion" & numbers$quantity == "estimate"])
stopifnot(max(abs(other$par / ours - 1)) < 1e-3)
write_numbers("terms.csv")
