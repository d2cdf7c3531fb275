# Standard errors after post-stratification, raking and calibration, and what calibration fixed, for the tests to use.
source("oracle.R")
sim <- read_data("simulated_paired")
sim$wt <- ifelse(sim$wt == 0, 1000, sim$wt)
sim$income[is.na(sim$income)] <- "low"
d <- svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = sim)

sexes <- data.frame(sex = 1:2, Freq = c(6.2e6, 6.9e6))
ages <- data.frame(agegroup = c("19-39", "40-59", "60+"), Freq = c(4.1e6, 4.6e6, 4.4e6))
cells <- expand.grid(sex = 1:2, agegroup = ages$agegroup); cells$Freq <- c(2.0, 2.1, 2.2, 2.4, 2.0, 2.4) * 1e6

post <- postStratify(d, ~sex + agegroup, cells)
raked <- rake(d, list(~sex, ~agegroup), list(sexes, ages), control = list(maxit = 50, epsilon = 1e-10))
linear <- calibrate(d, ~factor(sex) + age + persons, c(13.1e6, 6.9e6, 13.1e6 * 51, 13.1e6 * 3.1))
raking <- calibrate(d, ~factor(sex) + age + persons, c(13.1e6, 6.9e6, 13.1e6 * 51, 13.1e6 * 3.1), calfun = "raking", epsilon = 1e-12)
twice <- calibrate(post, ~persons, c(13.1e6, 13.1e6 * 3.1))
margins <- raked$postStrata[[1]]
write_data(data.frame(post = weights(post), raked1 = attr(margins[[1]], "weights"), raked2 = attr(margins[[2]], "weights"),
                      linear = weights(linear), raking = weights(raking), twice = weights(twice)), "calibrated")

surveys <- list(post = post, raked = raked, linear = linear, raking = raking, twice = twice)
for (name in names(surveys)) for (where in c("", "sex == 2", "age >= 60", "rare == 1")) {
  part <- if (where == "") surveys[[name]] else subset(surveys[[name]], eval(parse(text = where)))
  put_stat(name, "mean", "sbp", svymean(~sbp, part), where = where)
  put_stat(name, "mean", "bmi", svymean(~bmi, part, na.rm = TRUE), where = where)
  put_stat(name, "total", "visits", svytotal(~visits, part), where = where)
  ratio <- svyratio(~visits, ~persons, part)
  put(name, "ratio", "visits/persons", "estimate", coef(ratio), where = where)
  put(name, "ratio", "visits/persons", "se", SE(ratio), where = where)
  put(name, "df", "", "df", degf(part), where = where)
}
for (name in names(surveys)) {
  table <- svyby(~sbp, ~region + sex, surveys[[name]], svymean)
  label <- paste(table$region, table$sex, sep = "|")
  put(name, "mean", "sbp", "estimate", coef(table), by = "region,sex", row = label)
  put(name, "mean", "sbp", "se", SE(table), by = "region,sex", row = label)
}
write_numbers("calibrated.csv")
