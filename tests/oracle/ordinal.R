# Ordinal models. Optimisation is made tight: the coefficients of R's defaults are exact to four digits only.
source("oracle.R")
library(MASS)
sim <- read_data("simulated_paired"); columns <- read_data("replicate_columns")
quarters <- function(d) update(d, quarter = cut(meals, c(-1, 25, 50, 75, 100), c("a", "b", "c", "d")))
ordered_income <- function(d) transform(d, income = factor(income, c("low", "middle", "high")))
designs <- list(
  apistrat = quarters(svydesign(id = ~1, strata = ~stype, weights = ~pw, data = read_data("apistrat"), fpc = ~fpc)),
  apiclus1 = quarters(svydesign(id = ~dnum, weights = ~pw, data = read_data("apiclus1"), fpc = ~fpc)),
  apiclus2 = quarters(svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = read_data("apiclus2"))),
  simulated_paired = subset(svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = ordered_income(sim)), wt > 0)
)
formulas <- list(apistrat = quarter ~ avg.ed + stype, apiclus1 = quarter ~ avg.ed + mobility + stype, apiclus2 = quarter ~ mobility + awards,
                 simulated_paired = income ~ I(age / 10) + sex + smoker)
put_model <- function(name, kind, b, se, df) {
  put(name, kind, "", "estimate", b, row = names(b)); put(name, kind, "", "se", se, row = names(b)); put(name, kind, "", "df", df)
}
for (name in names(designs)) for (kind in c("logistic", "probit", "cloglog")) {
  d <- designs[[name]]; f <- formulas[[name]]
  k <- length(coef(svyolr(f, d, method = kind)))
  fit <- svyolr(f, d, method = kind, control = list(reltol = 1e-16, maxit = 5000, ndeps = rep(1e-5, k)))
  put_model(name, kind, coef(fit), sqrt(diag(fit$var)), fit$df.residual)
  if (kind == "logistic" && name == "simulated_paired") {
    test <- regTermTest(fit, ~I(age / 10) + sex); put(name, "wald", "age,sex", "F", test$Ftest); put(name, "wald", "age,sex", "p", test$p)
  }
}
known <- ordered_income(columns[!is.na(columns$income) & !is.na(columns$smoker), ])
r <- svrepdesign(data = known, repweights = known[grep("^fay[0-9]+$", names(known))], weights = known$wt, type = "Fay", rho = 0.3)
one <- function(w, start) {  # what svyolr does for each replicate, to more digits
  held <- data.frame(known, w = w / mean(w))[w > 0, ]
  f <- suppressWarnings(polr(income ~ I(age / 10) + sex + smoker, data = held, weights = w, start = start, control = list(reltol = 1e-16, maxit = 5000)))
  c(f$coefficients, f$zeta)
}
full <- one(known$wt, c(0, 0, 0, -0.5, 1)); again <- function(w) one(w, full)
v <- svrVar(t(apply(weights(r, "analysis"), 2, again)), r$scale, r$rscales, mse = r$mse, coef = full)
put_model("fay", "logistic", full, sqrt(diag(v)), degf(r) - 3)
write_numbers("ordinal.csv")
