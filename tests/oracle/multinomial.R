# Multinomial models: VGAM (Debian: r-cran-vgam) fits them, survey gives the covariance of its scores (as svyVGAM does).
source("oracle.R")
suppressMessages(library(VGAM))
sim <- read_data("simulated_paired"); columns <- read_data("replicate_columns")
designs <- list(
  apistrat = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = read_data("apistrat"), fpc = ~fpc),
  apiclus1 = svydesign(id = ~dnum, weights = ~pw, data = read_data("apiclus1"), fpc = ~fpc),
  simulated_paired = subset(svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = sim), wt > 0 & !is.na(income))
)
formulas <- list(apistrat = stype ~ I(enroll / 100) + meals, apiclus1 = stype ~ I(enroll / 100) + meals, simulated_paired = income ~ I(age / 10) + factor(region))
strict <- vglm.control(epsilon = 1e-14, maxit = 100)
fitted_model <- function(f, data, w, start = NULL) {
  data$.w <- w / mean(w); data$.y <- factor(data[[as.character(f[[2]])]]); f[[2]] <- quote(.y)
  environment(f) <- environment()
  vglm(f, multinomial(refLevel = 1), data = data[data$.w > 0, ], weights = .w, control = strict, coefstart = start)
}
for (name in names(designs)) {
  d <- designs[[name]]; data <- d$variables; w <- weights(d)
  fit <- fitted_model(formulas[[name]], data, w)
  deriv <- weights(fit, deriv = TRUE, type = "working")$deriv
  x <- model.matrix(fit, type = "lm"); k <- ncol(deriv)
  scores <- do.call(cbind, lapply(seq_len(ncol(x)), function(j) x[, j] * deriv))  # term by term, levels within, as coef()
  influence <- scores %*% vcov(fit)
  v <- svyrecvar(influence, d$cluster, d$strata, d$fpc, postStrata = d$postStrata)
  put(name, "multinomial", "", "estimate", coef(fit), row = names(coef(fit))); put(name, "multinomial", "", "se", sqrt(diag(v)), row = names(coef(fit)))
  put(name, "multinomial", "", "levels", seq_along(levels(factor(data[[as.character(formulas[[name]][[2]])]]))), row = levels(factor(data[[as.character(formulas[[name]][[2]])]])))
}
known <- columns[!is.na(columns$income), ]
r <- svrepdesign(data = known, repweights = known[grep("^fay[0-9]+$", names(known))], weights = known$wt, type = "Fay", rho = 0.3)
f <- income ~ I(age / 10) + sex
full <- coef(fitted_model(f, known, known$wt))
betas <- t(apply(weights(r, "analysis"), 2, function(w) coef(fitted_model(f, known, w, full))))
v <- svrVar(betas, r$scale, r$rscales, mse = r$mse, coef = full)
put("fay", "multinomial", "", "estimate", full, row = names(full)); put("fay", "multinomial", "", "se", sqrt(diag(v)), row = names(full))
write_numbers("multinomial.csv")
