# Tests and models on other designs: calibrated, two phases, unequal probabilities, two stages, R's own data sets.
source("oracle.R")
suppressMessages(library(survival))
tight <- glm.control(epsilon = 1e-14, maxit = 100)
sim <- read_data("simulated_paired")
sim$wt <- ifelse(sim$wt == 0, 1000, sim$wt)
sim$untied <- sim$sbp + seq_len(nrow(sim)) * 1e-6  # R ranks rows outside a calibrated subpopulation, with weight 0, among ties
d <- svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = sim)
sexes <- data.frame(sex = 1:2, Freq = c(6.2e6, 6.9e6))
ages <- data.frame(agegroup = c("19-39", "40-59", "60+"), Freq = c(4.1e6, 4.6e6, 4.4e6))
cells <- expand.grid(sex = 1:2, agegroup = ages$agegroup); cells$Freq <- c(2.0, 2.1, 2.2, 2.4, 2.0, 2.4) * 1e6
calibrated <- list(post = postStratify(d, ~sex + agegroup, cells),
                   raked = rake(d, list(~sex, ~agegroup), list(sexes, ages), control = list(maxit = 50, epsilon = 1e-10)),
                   linear = calibrate(d, ~factor(sex) + age + persons, c(13.1e6, 6.9e6, 13.1e6 * 51, 13.1e6 * 3.1)))
put_model <- function(name, kind, fit, where = "") {
  put(name, kind, "", "estimate", coef(fit), row = names(coef(fit)), where = where)
  put(name, kind, "", "se", sqrt(diag(vcov(fit))), row = names(coef(fit)), where = where)
}
for (name in names(calibrated)) for (where in c("", "age >= 60")) {
  s <- calibrated[[name]]; if (where != "") s <- subset(s, age >= 60)
  put_model(name, "logistic", svyglm(smoker ~ bmi + sex + income, s, family = quasibinomial, control = tight), where)
  put_model(name, "linear", svyglm(sbp ~ age + sex, s), where)
  test <- svyranktest(untied ~ sex, s)
  put(name, "rank", "", "statistic", test$statistic, where = where); put(name, "rank", "", "p", test$p.value, where = where)
  put(name, "crosstab", "", "p", svychisq(~sex + smoker, s)$p.value, where = where)
  put(name, "goodness", "", "p", svygofchisq(~income, p = c(25, 38, 37), s, na.rm = TRUE)$p.value, where = where)
}
nwtco <- read_data("nwtco")
nwtco$picked <- nwtco$chosen == 1
phased <- twophase(id = list(~seqno, ~seqno), strata = list(NULL, ~rel), subset = ~picked, data = nwtco, method = "full")
put_model("nwtco_phases", "logistic", svyglm(rel ~ factor(histol) + age, phased, family = quasibinomial, control = tight))
put_model("nwtco_phases", "cox", svycoxph(Surv(edrel, rel) ~ factor(histol) + age, phased, control = coxph.control(eps = 1e-14, toler.chol = 1e-16, iter.max = 60)))

brewer <- svydesign(id = ~1, fpc = ~p, data = read_data("election_pps"), pps = "brewer")
put_model("election_brewer", "linear", svyglm(Bush ~ Kerry, brewer))
put_model("mu284", "linear", svyglm(y1 ~ id1, svydesign(id = ~id1 + id2, fpc = ~n1 + n2, data = read_data("mu284"))))
hospital <- svydesign(id = ~hospno, strata = ~oblevel, weights = ~weighta, fpc = ~tothosp, data = read_data("hospital"))
put_model("hospital", "poisson", svyglm(births ~ factor(oblevel), hospital, family = quasipoisson, control = tight))
nhanes <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = read_data("nhanes"))
fit <- svyglm(HI_CHOL ~ factor(race) + agecat + RIAGENDR, nhanes, family = quasibinomial, control = tight)
put_model("nhanes", "logistic", fit); put("nhanes", "logistic", "", "df", fit$df.residual)
for (term in c("factor(race)", "agecat")) put("nhanes", "wald", term, "p", regTermTest(fit, make.formula(term))$p)
crowd <- svydesign(id = ~cluster, weights = ~weight, data = read_data("crowd"))
put_model("crowd", "linear", svyglm(rooms ~ person, crowd))
write_numbers("settings.csv")
