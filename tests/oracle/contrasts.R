# Contrasts, trends and direct standardisation.
source("oracle.R")
sim <- read_data("simulated_paired")
d <- svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = sim)
columns <- read_data("replicate_columns")
r <- svrepdesign(data = columns, repweights = columns[grep("^fay[0-9]+$", names(columns))], weights = columns$wt, type = "Fay", rho = 0.3)

several <- svymean(~sbp + age + visits, d)
one <- function(name, object) { put("simulated_paired", "contrast", name, "estimate", coef(object)); put("simulated_paired", "contrast", name, "se", SE(object)) }
one("linear", svycontrast(several, c(1, -1, 0.5)))
one("ratio", svycontrast(several, quote(sbp / age)))
one("log", svycontrast(several, quote(log(sbp) - 2 * log(visits))))
put("simulated_paired", "contrast", "covariance", "value", vcov(several)[1, 2])

# svyby gives no covariance between domains of a linearised design in survey 4.1: a regression has it.
ages <- c("19-39", "40-59", "60+")
fit <- svyglm(sbp ~ factor(agegroup) - 1, d)
poly <- contr.poly(3)
poly_uneven <- contr.poly(3, scores = c(29, 50, 70))
for (k in 1:2) {
  trend <- svycontrast(fit, poly[, k]); uneven <- svycontrast(fit, poly_uneven[, k])
  put("simulated_paired", "trend", paste0("even", k), "estimate", coef(trend)); put("simulated_paired", "trend", paste0("even", k), "se", SE(trend))
  put("simulated_paired", "trend", paste0("uneven", k), "estimate", coef(uneven)); put("simulated_paired", "trend", paste0("uneven", k), "se", SE(uneven))
}
for (k in 2:3) {
  gap <- svycontrast(fit, replace(replace(numeric(3), k, 1), k - 1, -1))
  put("simulated_paired", "difference", ages[k], "estimate", coef(gap)); put("simulated_paired", "difference", ages[k], "se", SE(gap))
}
nonlinear <- svycontrast(svymean(~sbp + age, r, return.replicates = TRUE), quote(sbp / age))
put("fay", "contrast", "ratio", "estimate", coef(nonlinear)); put("fay", "contrast", "ratio", "se", SE(nonlinear))

population <- c(35, 40, 25)
for (name in c("simulated_paired", "fay")) {
  # rows of weight 0 are given the weight 1 in R's residuals of post-strata, which changes the seventh digit
  design <- subset(if (name == "fay") r else d, wt > 0)
  for (variable in c("sbp", "smoker", "bmi")) {
    standard <- svystandardize(design, by = ~agegroup, over = ~1, population = population, excluding.missing = make.formula(variable))
    put_stat(name, "standardised", variable, svymean(make.formula(variable), standard, na.rm = TRUE))
    standard <- svystandardize(design, by = ~agegroup, over = ~sex, population = population, excluding.missing = make.formula(variable))
    table <- svyby(make.formula(variable), ~sex, standard, svymean, na.rm = TRUE)
    put(name, "standardised", variable, "estimate", coef(table), "sex", "", as.character(table$sex))
    put(name, "standardised", variable, "se", SE(table), "sex", "", as.character(table$sex))
  }
}
write_numbers("contrasts.csv")
