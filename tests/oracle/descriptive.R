# Totals, means, ratios, proportions, variances, design effects and intervals.
source("oracle.R")
frame <- function(name) read_data(name)

apistrat <- frame("apistrat"); apiclus1 <- frame("apiclus1"); apiclus2 <- frame("apiclus2"); apisrs <- frame("apisrs")
sim <- frame("simulated_paired")
sim$region <- factor(sim$region); sim$agegroup <- factor(sim$agegroup); sim$income <- factor(sim$income)
designs <- list(
  apisrs = svydesign(id = ~1, fpc = ~fpc, data = apisrs),
  apistrat = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc),
  apistrat_wr = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat),
  apiclus1 = svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc),
  apiclus2 = svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2),
  apiclus2_wr = svydesign(id = ~dnum + snum, weights = ~pw, data = apiclus2),
  simulated_paired = svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = sim),
  nhanes = svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = frame("nhanes")),
  yrbs = svydesign(id = ~psu, strata = ~stratum, weights = ~weight, data = frame("yrbs"))
)

# Rows with an answer; survey 4.1 counts the others in the n of svyvar, survey 4.5 does not.
answered <- function(d, variable) { d$variables$.there <- !is.na(d$variables[[variable]]); subset(d, .there) }

for (name in c("apisrs", "apistrat", "apistrat_wr", "apiclus1", "apiclus2", "apiclus2_wr")) {
  d <- designs[[name]]
  put(name, "df", "", "df", degf(d))
  for (variable in c("enroll", "api00", "meals")) {
    formula <- make.formula(variable)
    d <- answered(designs[[name]], variable)
    put_stat(name, "mean", variable, svymean(formula, d, deff = TRUE))
    put_stat(name, "total", variable, svytotal(formula, d, deff = TRUE))
    put(name, "mean", variable, "deff_replace", deff(svymean(formula, d, deff = "replace")))
    put_stat(name, "variance", variable, svyvar(formula, d))
    put(name, "mean", variable, "lower_normal", confint(svymean(formula, d))[1])
    put(name, "mean", variable, "lower_t", confint(svymean(formula, d), df = degf(designs[[name]]))[1])
  }
  d <- answered(designs[[name]], "enroll")
  both <- svyratio(~api.stu, ~enroll, d, deff = TRUE)
  put(name, "ratio", "api.stu/enroll", "estimate", coef(both)); put(name, "ratio", "api.stu/enroll", "se", SE(both))
  put(name, "ratio", "api.stu/enroll", "deff", attr(both, "deff"))
  scaled <- svymean(~I(log(enroll)), d)
  put(name, "geometric_mean", "enroll", "estimate", exp(coef(scaled)))
  put(name, "geometric_mean", "enroll", "se", exp(coef(scaled)) * SE(scaled))
  d <- designs[[name]]
  types <- svymean(~factor(stype, levels = c("E", "H", "M")), d, deff = TRUE)
  put_stat(name, "proportion", "stype", types, row = c("E", "H", "M"))
  for (type in c("E", "H", "M")) {
    part <- subset(d, stype == type)
    put_stat(name, "mean", "api00", svymean(~api00, part), where = paste0("stype == \"", type, "\""))
    put_stat(name, "total", "enroll", svytotal(~enroll, answered(part, "enroll")), where = paste0("stype == \"", type, "\""))
  }
  by <- svyby(~api00, ~stype, d, svymean)
  put_stat(name, "mean", "api00", by, by = "stype", row = as.character(by$stype))
  pair <- svyvar(~api00 + meals, d)
  put(name, "covariance", "api00,meals", "estimate", pair[1, 2])
  put(name, "covariance", "api00,meals", "se", sqrt(attr(pair, "var")[2, 2]))
}

# A correlation by the delta method: svycontrast on the three moments.
for (name in c("apistrat", "apiclus2", "simulated_paired")) {
  d <- designs[[name]]
  pair <- if (name == "simulated_paired") svyvar(~sbp + age, d) else svyvar(~api00 + meals, d)
  v <- c(xx = pair[1, 1], xy = pair[1, 2], yy = pair[2, 2])
  attr(v, "var") <- attr(pair, "var")[c(1, 2, 4), c(1, 2, 4)]
  class(v) <- "svystat"
  r <- svycontrast(v, quote(xy / sqrt(xx * yy)))
  put(name, "correlation", if (name == "simulated_paired") "sbp,age" else "api00,meals", "estimate", coef(r))
  put(name, "correlation", if (name == "simulated_paired") "sbp,age" else "api00,meals", "se", SE(r))
}

d <- designs$simulated_paired
put("simulated_paired", "df", "", "df", degf(d))
for (variable in c("sbp", "bmi", "visits", "smoker")) {
  formula <- make.formula(variable)
  for (by in list(~region, ~sex, ~agegroup + sex)) {
    table <- svyby(formula, by, d, svymean, na.rm = TRUE, deff = TRUE)
    label <- do.call(paste, c(lapply(all.vars(by), function(v) as.character(table[[v]])), sep = "|"))
    put("simulated_paired", "mean", variable, "estimate", coef(table), paste(all.vars(by), collapse = ","), "", label)
    put("simulated_paired", "mean", variable, "se", SE(table), paste(all.vars(by), collapse = ","), "", label)
    put("simulated_paired", "mean", variable, "deff", table$DEff, paste(all.vars(by), collapse = ","), "", label)
    table <- svyby(formula, by, d, svytotal, na.rm = TRUE)
    put("simulated_paired", "total", variable, "estimate", coef(table), paste(all.vars(by), collapse = ","), "", label)
    put("simulated_paired", "total", variable, "se", SE(table), paste(all.vars(by), collapse = ","), "", label)
  }
}
for (where in c("rare == 1", "age >= 60 & sex == 2", "region == \"south\"")) {
  part <- subset(d, eval(parse(text = where)))
  text <- gsub("&", "and", where)
  put("simulated_paired", "df", "", "df", degf(part), where = text)
  put_stat("simulated_paired", "mean", "sbp", svymean(~sbp, part), where = text)
  put_stat("simulated_paired", "mean", "bmi", svymean(~bmi, part, na.rm = TRUE), where = text)
  put_stat("simulated_paired", "variance", "sbp", svyvar(~sbp, part), where = text)
  ratio <- svyratio(~visits, ~persons, part)
  put("simulated_paired", "ratio", "visits/persons", "estimate", coef(ratio), where = text)
  put("simulated_paired", "ratio", "visits/persons", "se", SE(ratio), where = text)
  shares <- svymean(~income, part, na.rm = TRUE, deff = TRUE)
  put_stat("simulated_paired", "proportion", "income", shares, where = text, row = levels(sim$income))
  for (method in c("logit", "xlogit", "asin", "beta", "mean", "likelihood")) {
    ci <- attr(svyciprop(~I(visits >= 4), subset(part, wt > 0), method = method), "ci")
    put("simulated_paired", "interval", "often", paste0(method, "_lower"), ci[1], where = text)
    put("simulated_paired", "interval", "often", paste0(method, "_upper"), ci[2], where = text)
  }
}

for (where in c("race == 2", "RIAGENDR == 2")) {
  part <- subset(designs$nhanes, eval(parse(text = where)))
  put_stat("nhanes", "mean", "HI_CHOL", svymean(~HI_CHOL, part, na.rm = TRUE, deff = TRUE), where = where)
  put("nhanes", "df", "", "df", degf(part), where = where)
}
table <- svyby(~HI_CHOL, ~race + RIAGENDR, designs$nhanes, svymean, na.rm = TRUE)
put("nhanes", "mean", "HI_CHOL", "estimate", coef(table), "race,RIAGENDR", "", paste(table$race, table$RIAGENDR, sep = "|"))
put("nhanes", "mean", "HI_CHOL", "se", SE(table), "race,RIAGENDR", "", paste(table$race, table$RIAGENDR, sep = "|"))
for (variable in "qn8") {
  put_stat("yrbs", "mean", variable, svymean(make.formula(variable), designs$yrbs, na.rm = TRUE, deff = TRUE))
}
put("yrbs", "df", "", "df", degf(designs$yrbs))

# The package's own small examples.
h <- svydesign(strata = ~oblevel, id = ~hospno, weights = ~weighta, fpc = ~tothosp, data = frame("hospital"))
put_stat("hospital", "total", "births", svytotal(~births, h)); put_stat("hospital", "mean", "births", svymean(~births, h))
m <- svydesign(id = ~id1 + id2, fpc = ~n1 + n2, data = frame("mu284"))
put_stat("mu284", "total", "y1", svytotal(~y1, m)); put_stat("mu284", "mean", "y1", svymean(~y1, m))
f <- svydesign(weights = ~weight, ids = ~psuid, strata = ~stratid, fpc = ~Nh, nest = TRUE, data = frame("fpc"))
put_stat("fpc", "total", "x", svytotal(~x, f)); put_stat("fpc", "mean", "x", svymean(~x, f))
f <- svydesign(weights = ~weight, ids = ~psuid, strata = ~stratid, nest = TRUE, data = frame("fpc"))
put_stat("fpc_wr", "total", "x", svytotal(~x, f)); put_stat("fpc_wr", "mean", "x", svymean(~x, f))
cr <- svydesign(id = ~cluster, weights = ~weight, data = frame("crowd"))
r <- svyratio(~person, ~rooms, cr)
put("crowd", "ratio", "person/rooms", "estimate", coef(r)); put("crowd", "ratio", "person/rooms", "se", SE(r))

write_numbers("descriptive.csv")
