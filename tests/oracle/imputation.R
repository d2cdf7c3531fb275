# Several imputations. Missing answers are filled in by a rule that both sides can follow; survey estimates, mitools combines.
source("oracle.R")
library(mitools)
sim <- read_data("simulated_paired")
fill <- function(m) {
  row <- seq_len(nrow(sim)) - 1
  d <- sim
  d$bmi <- ifelse(is.na(d$bmi), 18 + (row * 7 + m * 5) %% 15, d$bmi)
  d$smoker <- ifelse(is.na(d$smoker), (row + m) %% 3 == 0, d$smoker)
  d
}
designs <- lapply(1:5, function(m) subset(svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = fill(m)), wt > 0))
degrees <- degf(designs[[1]])
put_pooled <- function(name, results, complete) {
  for (df in c(Inf, complete)) {
    pooled <- MIcombine(results, df.complete = df)
    label <- if (is.finite(df)) "barnard-rubin" else "rubin"
    rows <- names(coef(pooled)); if (is.null(rows)) rows <- ""
    put(name, label, "", "estimate", coef(pooled), row = rows); put(name, label, "", "se", SE(pooled), row = rows)
    if (is.finite(df)) {  # mitools leaves the factor 1 + 1/m out of the degrees of freedom of the observed data
      B <- diag(as.matrix(var(do.call(rbind, lapply(results, coef))))); T <- diag(as.matrix(vcov(pooled))); g <- (1 + 1/5) * B / T
      observed <- (df + 1) / (df + 3) * df * (1 - g); rubin <- 4 / g^2
      put(name, label, "", "df", ifelse(g == 0, observed, 1 / (1 / rubin + 1 / observed)), row = rows)
    } else {
      put(name, label, "", "df", pooled$df, row = rows)
      put(name, label, "", "missing", pooled$missinfo, row = rows)
    }
  }
}
put_pooled("mean", lapply(designs, function(d) svymean(~bmi + smoker, d)), degrees)
put_pooled("by", lapply(designs, function(d) svyby(~bmi, ~agegroup, d, svymean)), degrees)
put_pooled("logistic", lapply(designs, function(d) svyglm(smoker ~ bmi + age + sex, d, family = quasibinomial, control = glm.control(epsilon = 1e-14))), degrees + 1 - 4)
write_numbers("imputation.csv")
