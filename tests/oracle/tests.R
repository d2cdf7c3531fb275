# Rank tests, goodness of fit, and Pearson's statistic as a weighted sum of chi-squares.
source("oracle.R")
sim <- read_data("simulated_paired")
columns <- read_data("replicate_columns")
designs <- list(
  apistrat = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = read_data("apistrat"), fpc = ~fpc),
  apistrat_wr = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = read_data("apistrat")),
  apiclus1 = svydesign(id = ~dnum, weights = ~pw, data = read_data("apiclus1"), fpc = ~fpc),
  apiclus2 = svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = read_data("apiclus2")),
  # rows of weight 0 are ranked by R, and change its plain means of tied ranks
  simulated_paired = subset(svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = sim), wt > 0),
  nhanes = svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = read_data("nhanes")),
  fay = subset(svrepdesign(data = columns, repweights = columns[grep("^fay[0-9]+$", names(columns))], weights = columns$wt, type = "Fay", rho = 0.3), wt > 0)
)
asked <- list(
  apistrat = list(c("api00", "sch.wide"), c("enroll", "comp.imp"), c("meals", "stype")),
  apistrat_wr = list(c("api00", "awards"), c("ell", "stype")),
  apiclus1 = list(c("api00", "sch.wide"), c("meals", "comp.imp"), c("mobility", "stype")),
  apiclus2 = list(c("api00", "comp.imp"), c("meals", "stype")),
  simulated_paired = list(c("sbp", "sex"), c("bmi", "smoker"), c("visits", "income"), c("sbp", "agegroup")),
  nhanes = list(c("race", "RIAGENDR"), c("race", "agecat")),
  fay = list(c("sbp", "sex"), c("bmi", "smoker"))
)
tests <- c(wilcoxon = "wilcoxon", vanderwaerden = "vanderWaerden", median = "median")
for (name in names(asked)) for (pair in asked[[name]]) {
  wheres <- if (name %in% c("simulated_paired", "fay")) c("", "age >= 60") else if (name == "apiclus1") c("", "meals > 20") else ""
  for (where in wheres) for (kind in names(tests)) {
    d <- eval(bquote(update(designs[[name]], g = factor(.(as.name(pair[2]))))))
    if (where != "") d <- subset(d, eval(parse(text = where)))
    if (where != "" && pair[2] == "agegroup") next
    test <- svyranktest(as.formula(paste(pair[1], "~ g")), d, test = tests[[kind]])
    crossed <- paste(pair, collapse = " by ")
    put(name, kind, crossed, "p", test$p.value, where = where)
    if (is.null(test$ddf)) {
      put(name, kind, crossed, "statistic", test$statistic, where = where)
      put(name, kind, crossed, "df", test$parameter, where = where)
      put(name, kind, crossed, "estimate", test$estimate, where = where)
    } else {
      put(name, kind, crossed, "statistic", test$parameter / test$statistic, where = where)  # survey puts the statistic there
      put(name, kind, crossed, "df", test$ddf, where = where)
    }
  }
}

# Levels in alphabetical order: svygofchisq pairs levels and shares in that order.
fits <- list(apistrat = list("comp.imp", c(No = 0.3, Yes = 0.7)), apiclus1 = list("stype", c(E = 0.75, H = 0.1, M = 0.15)),
             apiclus2 = list("awards", c(No = 1, Yes = 2)), simulated_paired = list("income", c(high = 25, low = 38, middle = 37)),
             nhanes = list("agecat", NULL), fay = list("agegroup", c(`19-39` = 0.4, `40-59` = 0.3, `60+` = 0.3)))
for (name in names(fits)) {
  variable <- fits[[name]][[1]]
  d <- eval(bquote(update(designs[[name]], g = factor(.(as.name(variable))))))
  shares <- fits[[name]][[2]]
  if (is.null(shares)) shares <- c(2, 3, 3, 2)
  test <- svygofchisq(~g, p = shares, d, na.rm = TRUE)
  put(name, "goodness", variable, "statistic", test$statistic)
  put(name, "goodness", variable, "scale", test$parameter[["scale"]]); put(name, "goodness", variable, "df", test$parameter[["df"]])
  put(name, "goodness", variable, "p", test$p.value)
}

crossings <- list(apistrat = list(c("sch.wide", "awards"), c("stype", "comp.imp")), apiclus1 = list(c("sch.wide", "comp.imp"), c("stype", "awards")),
                  nhanes = list(c("RIAGENDR", "HI_CHOL"), c("agecat", "race")), simulated_paired = list(c("sex", "smoker"), c("agegroup", "income")),
                  fay = list(c("sex", "smoker"), c("agegroup", "income")))
for (name in names(crossings)) for (pair in crossings[[name]]) {
  test <- svychisq(as.formula(paste("~", pair[1], "+", pair[2])), designs[[name]], statistic = "saddlepoint")
  put(name, "saddlepoint", paste(pair, collapse = " by "), "p", test$p.value)
}
for (pair in crossings$fay) for (kind in c("F", "Chisq", "Wald", "adjWald")) {
  test <- svychisq(as.formula(paste("~", pair[1], "+", pair[2])), designs$fay, statistic = kind)
  put("fay", c(F = "F", Chisq = "chisq", Wald = "wald", adjWald = "adjwald")[[kind]], paste(pair, collapse = " by "), "p", test$p.value)
}
write_numbers("tests.csv")
