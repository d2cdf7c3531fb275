# Tests of independence, t tests, generalised linear models and predictive margins.
source("oracle.R")
designs <- list(
  apistrat = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = read_data("apistrat"), fpc = ~fpc),
  apiclus1 = svydesign(id = ~dnum, weights = ~pw, data = read_data("apiclus1"), fpc = ~fpc),
  apiclus2_wr = svydesign(id = ~dnum + snum, weights = ~pw, data = read_data("apiclus2"))
)
statistics <- c(F = "F", chisq = "Chisq", wald = "Wald", adjwald = "adjWald")
tight <- glm.control(epsilon = 1e-14, maxit = 100)
for (name in names(designs)) {
  d <- update(designs[[name]], stype = factor(stype))
  for (pair in list(c("stype", "sch.wide"), c("comp.imp", "awards"))) for (kind in names(statistics)) {
    test <- svychisq(as.formula(paste("~", pair[1], "+", pair[2])), d, statistic = statistics[[kind]])
    crossed <- paste(pair, collapse = " by ")
    put(name, kind, crossed, "p", test$p.value)
    if (kind != "chisq") put(name, kind, crossed, "statistic", test$statistic)
  }
  test <- svyttest(api00 ~ sch.wide, d)
  put(name, "t", "api00 by sch.wide", "statistic", test$statistic); put(name, "t", "api00 by sch.wide", "p", test$p.value)
  put(name, "t", "api00 by sch.wide", "df", test$parameter); put(name, "t", "api00 by sch.wide", "estimate", test$estimate)
  fits <- list(
    gaussian = svyglm(api00 ~ ell + meals + mobility, d),
    binomial = svyglm(I(sch.wide == "Yes") ~ ell + meals, d, family = quasibinomial, control = tight),
    poisson = svyglm(enroll ~ meals + stype, d, family = quasipoisson, control = tight)
  )
  for (kind in names(fits)) {
    put(name, kind, "", "estimate", coef(fits[[kind]]), row = names(coef(fits[[kind]])))
    put(name, kind, "", "se", SE(fits[[kind]]), row = names(coef(fits[[kind]])))
    put(name, kind, "", "df", fits[[kind]]$df.residual)
  }
  margins <- svypredmeans(svyglm(api00 ~ ell + meals, d), ~stype)
  put(name, "margins", "api00", "estimate", coef(margins), row = names(coef(margins)))
  put(name, "margins", "api00", "se", SE(margins), row = names(coef(margins)))
}
write_numbers("models.csv")
