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
write_numbers("terms.csv")
