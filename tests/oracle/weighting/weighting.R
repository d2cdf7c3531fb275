# Oracle of the weighting room: weights, estimates and standard errors of R survey.
# Run in this folder: Rscript weighting.R
# Writes data.csv, weights.csv, estimates.csv, replicates.csv, versions.txt.
suppressMessages(library(survey))
options(digits = 17, survey.lonely.psu = "fail")
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20081001)

strata <- 6; psus <- 5; take <- 14
n <- strata * psus * take
d <- data.frame(stratum = rep(1:strata, each = psus * take), psu = rep(1:(strata * psus), each = take))
d$hh <- d$psu * 100 + rep(rep(1:(take / 2), each = 2), strata * psus)
d$sex <- sample(1:2, n, TRUE, c(.45, .55))
d$age <- sample(c("19-29", "30-44", "45-59", "60+"), n, TRUE, c(.2, .3, .3, .2))
d$region <- ifelse(d$stratum <= 2, 1, ifelse(d$stratum <= 4, 2, 3))
d$income <- round(exp(rnorm(n, 10, .5)) + 500 * d$region)
d$y <- round(50 + 3 * d$sex + .0003 * d$income + 4 * (d$age == "60+") + rnorm(strata * psus, 0, 2)[d$psu] + rnorm(n, 0, 6), 3)
d$z <- as.integer(runif(n) < plogis(-1 + .3 * d$sex + .2 * d$region))
d$weight <- round(40 + 15 * d$stratum + 10 * (d$psu %% 5), 2)
d$v <- round(.5 + runif(n), 3)
write.csv(d, "data.csv", row.names = FALSE)

des <- svydesign(~psu, strata = ~stratum, weights = ~weight, data = d, nest = TRUE)
N <- 60000
t_sex <- c("1" = 28500, "2" = 31500)
t_age <- c("19-29" = 13000, "30-44" = 18500, "45-59" = 16000, "60+" = 12500)
t_region <- c("1" = 15000, "2" = 20500, "3" = 24500)
t_income <- sum(d$weight * d$income) * 1.04 * N / sum(d$weight)
cross <- xtabs(weight ~ sex + age, d); cross <- round(cross * N / sum(cross) * c(1.1, .95))
pop_cross <- as.data.frame(cross)
frame_of <- function(name, totals) { f <- data.frame(names(totals), as.vector(totals)); names(f) <- c(name, "Freq"); f }
x_all <- c("(Intercept)" = N, "factor(sex)2" = 31500, "age30-44" = 18500, "age45-59" = 16000, "age60+" = 12500, income = t_income)
x_cat <- x_all[-6]

tight <- 1e-13
designs <- list(
  poststratify = postStratify(des, ~sex + age, pop_cross),
  rake = rake(des, list(~sex, ~age, ~region), list(frame_of("sex", t_sex), frame_of("age", t_age), frame_of("region", t_region)),
              control = list(maxit = 500, epsilon = 1e-13)),
  linear = calibrate(des, ~factor(sex) + age + income, x_all),
  linear_bounded = calibrate(des, ~factor(sex) + age + income, x_all, bounds = c(.95, 1.55), calfun = "linear", epsilon = tight, maxit = 200),
  raking = calibrate(des, ~factor(sex) + age + income, x_all, calfun = "raking", epsilon = tight, maxit = 200),
  raking_bounded = calibrate(des, ~factor(sex) + age + income, x_all, calfun = "raking", bounds = c(.95, 1.6), epsilon = tight, maxit = 200),
  logit = calibrate(des, ~factor(sex) + age + income, x_all, calfun = "logit", bounds = c(.3, 3), epsilon = tight, maxit = 200),
  variance = calibrate(des, ~factor(sex) + age + income, x_all, variance = d$v),
  variance_raking = calibrate(des, ~factor(sex) + age + income, x_all, variance = d$v, calfun = "raking", epsilon = tight, maxit = 200),
  aggregate = calibrate(des, ~factor(sex) + age + income, x_all, aggregate.stage = 1, calfun = "raking", epsilon = tight, maxit = 200),
  constant = calibrate(des, ~factor(sex) + age + income, x_all, calfun = "linear", bounds = c(85, 260), bounds.const = TRUE, epsilon = tight, maxit = 200)
)
hh <- svydesign(~psu + hh, strata = ~stratum, weights = ~weight, data = d, nest = TRUE)
designs$aggregate_household <- calibrate(hh, ~factor(sex) + age + income, x_all, aggregate.stage = 2)
designs$trimmed <- trimWeights(designs$linear, upper = 235, lower = 95)
designs$trimmed_strict <- trimWeights(designs$linear, upper = 235, lower = 95, strict = TRUE)
designs$twice <- calibrate(designs$poststratify, ~income, c("(Intercept)" = sum(weights(designs$poststratify)), income = t_income))

rows <- do.call(rbind, lapply(names(designs), function(name) {
  s <- designs[[name]]
  one <- function(statistic, what) data.frame(case = name, statistic = statistic, estimate = as.vector(coef(what)), se = as.vector(SE(what)))
  rbind(one("mean_y", svymean(~y, s)), one("total_y", svytotal(~y, s)), one("mean_z", svymean(~z, s)),
        one("mean_y_women", svymean(~y, subset(s, sex == 2))), one("total_z_60", svytotal(~z, subset(s, age == "60+"))),
        one("mean_income", svymean(~income, s)))
}))
write.csv(rows, "estimates.csv", row.names = FALSE)
write.csv(as.data.frame(lapply(designs, weights)), "weights.csv", row.names = FALSE)
totals <- rbind(data.frame(name = c(paste0("sex=", names(t_sex)), paste0("age=", names(t_age)), paste0("region=", names(t_region))),
                           total = c(t_sex, t_age, t_region)),
                data.frame(name = "income", total = t_income),
                data.frame(name = paste0("sex=", pop_cross$sex, ",age=", pop_cross$age), total = pop_cross$Freq))
write.csv(totals, "totals.csv", row.names = FALSE)

rep <- as.svrepdesign(des, type = "JKn", compress = FALSE)
repd <- svrepdesign(weights = ~weight, repweights = weights(rep, "analysis"), type = "JKn", scale = rep$scale, rscales = rep$rscales, data = d,
                    combined.weights = TRUE)
reps <- list(
  plain = repd,
  poststratify = postStratify(repd, ~sex + age, pop_cross),
  rake = rake(repd, list(~sex, ~age, ~region), list(frame_of("sex", t_sex), frame_of("age", t_age), frame_of("region", t_region)),
              control = list(maxit = 500, epsilon = 1e-13)),
  linear = calibrate(repd, ~factor(sex) + age + income, x_all, compress = FALSE),
  logit = calibrate(repd, ~factor(sex) + age + income, x_all, compress = FALSE, calfun = "logit", bounds = c(.3, 3), epsilon = tight, maxit = 200)
)
rows <- do.call(rbind, lapply(names(reps), function(name) {
  s <- reps[[name]]
  one <- function(statistic, what) data.frame(case = name, statistic = statistic, estimate = as.vector(coef(what)), se = as.vector(SE(what)))
  rbind(one("mean_y", svymean(~y, s)), one("total_z", svytotal(~z, s)), one("mean_y_women", svymean(~y, subset(s, sex == 2))))
}))
write.csv(rows, "replicate_estimates.csv", row.names = FALSE)
write.csv(round(weights(rep, "analysis"), 12), "replicates.csv", row.names = FALSE)

# response propensity by weighted logistic regression
d$answered <- as.integer(runif(n) < plogis(.8 + .4 * (d$sex == 2) - .00002 * d$income))
fit <- suppressWarnings(glm(answered ~ factor(sex) + age + income, binomial, d, weights = weight / mean(weight), control = list(epsilon = 1e-14, maxit = 100)))
plain <- glm(answered ~ factor(sex) + age + income, binomial, d, control = list(epsilon = 1e-14, maxit = 100))
write.csv(data.frame(answered = d$answered, weighted = fitted(fit), plain = fitted(plain)), "propensity.csv", row.names = FALSE)
writeLines(c(R.version.string, paste("survey", packageVersion("survey"))), "versions.txt")
