# Replicate weights: designs from given columns, and those made from strata and clusters.
source("oracle.R")
options(survey.drop.replicates = FALSE)
sim <- read_data("simulated_paired")
two <- subset(sim, stratum <= 110)
two$unit <- two$stratum * 10 + two$psu
linear <- svydesign(id = ~unit, strata = ~stratum, weights = ~wt, data = two)

set.seed(7)
sets <- list(brr = as.svrepdesign(linear, type = "BRR"), fay = as.svrepdesign(linear, type = "Fay", fay.rho = 0.3),
             jkn = as.svrepdesign(linear, type = "JKn"), bootstrap = as.svrepdesign(linear, type = "subbootstrap", replicates = 40))
columns <- two
for (name in names(sets)) {
  w <- weights(sets[[name]], "analysis"); colnames(w) <- paste0(name, seq_len(ncol(w))); columns <- cbind(columns, w)
}
write_data(columns, "replicate_columns")
pick <- function(name) columns[grep(paste0("^", name, "[0-9]+$"), names(columns))]
rs <- sets$jkn$rscales
given <- list(
  brr = svrepdesign(data = two, repweights = pick("brr"), weights = two$wt, type = "BRR"),
  brr_mse = svrepdesign(data = two, repweights = pick("brr"), weights = two$wt, type = "BRR", mse = TRUE),
  fay = svrepdesign(data = two, repweights = pick("fay"), weights = two$wt, type = "Fay", rho = 0.3),
  jkn = svrepdesign(data = two, repweights = pick("jkn"), weights = two$wt, type = "JKn", rscales = rs, scale = 1),
  bootstrap = svrepdesign(data = two, repweights = pick("bootstrap"), weights = two$wt, type = "bootstrap"),
  sdr = svrepdesign(data = two, repweights = pick("brr"), weights = two$wt, type = "successive-difference"),
  acs = svrepdesign(data = two, repweights = pick("brr"), weights = two$wt, type = "ACS", mse = TRUE),
  jk2 = svrepdesign(data = two, repweights = pick("brr"), weights = two$wt, type = "JK2"),
  jk1 = svrepdesign(data = two, repweights = pick("jkn"), weights = two$wt, type = "JK1", scale = 0.9),
  other = svrepdesign(data = two, repweights = pick("bootstrap"), weights = two$wt, type = "other", scale = 0.02, rscales = seq(0.5, 1.5, length = 40))
)
for (name in names(given)) for (where in c("", "sex == 2", "age >= 60")) {
  part <- if (where == "") given[[name]] else subset(given[[name]], eval(parse(text = where)))
  put_stat(name, "mean", "sbp", svymean(~sbp, part), where = where)
  put_stat(name, "total", "visits", svytotal(~visits, part), where = where)
  put_stat(name, "mean", "smoker", svymean(~smoker, part, na.rm = TRUE), where = where)
  ratio <- svyratio(~visits, ~persons, part)
  put(name, "ratio", "visits/persons", "estimate", coef(ratio), where = where)
  put(name, "ratio", "visits/persons", "se", SE(ratio), where = where)
  put(name, "df", "", "df", degf(part), where = where)
}
for (name in names(given)) {
  table <- svyby(~sbp, ~agegroup + sex, given[[name]], svymean)
  put(name, "mean", "sbp", "estimate", coef(table), "agegroup,sex", "", paste(table$agegroup, table$sex, sep = "|"))
  put(name, "mean", "sbp", "se", SE(table), "agegroup,sex", "", paste(table$agegroup, table$sex, sep = "|"))
  put_stat(name, "variance", "sbp", svyvar(~sbp, subset(given[[name]], wt > 0)), where = "wt > 0")  # n there counts weight 0
}

# Made on both sides from the same strata and clusters, with and without finite population corrections.
made <- list(
  made_jk1 = as.svrepdesign(svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = read_data("apiclus1")), type = "JK1"),
  made_jkn = as.svrepdesign(svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = read_data("apistrat")), type = "JKn"),
  made_jkn_wr = as.svrepdesign(svydesign(id = ~1, strata = ~stype, weights = ~pw, data = read_data("apistrat")), type = "JKn")
)
for (name in names(made)) {
  put_stat(name, "mean", "api00", svymean(~api00, made[[name]]))
  put_stat(name, "total", "enroll", svytotal(~enroll, made[[name]]))
  ratio <- svyratio(~api.stu, ~enroll, made[[name]])
  put(name, "ratio", "api.stu/enroll", "estimate", coef(ratio)); put(name, "ratio", "api.stu/enroll", "se", SE(ratio))
  table <- svyby(~api00, ~stype, made[[name]], svymean)
  put(name, "mean", "api00", "estimate", coef(table), "stype", "", as.character(table$stype))
  put(name, "mean", "api00", "se", SE(table), "stype", "", as.character(table$stype))
}
# A total is the same number under every balanced matrix, and under linearisation.
put_stat("made_brr", "total", "visits", svytotal(~visits, sets$brr))
put_stat("made_fay", "total", "visits", svytotal(~visits, sets$fay))

# The survey package's own example of balanced replicates.
data(scd)
repweights <- 2 * cbind(c(1, 0, 1, 0, 1, 0), c(1, 0, 0, 1, 0, 1), c(0, 1, 1, 0, 0, 1), c(0, 1, 0, 1, 1, 0))
scd <- cbind(scd, setNames(as.data.frame(repweights), paste0("rep", 1:4)), one = 1)
write_data(scd, "scd_replicates")
s <- svrepdesign(data = scd, type = "BRR", repweights = repweights, combined.weights = FALSE, weights = rep(1, 6))
put_stat("scd", "mean", "alive", svymean(~alive, s))
ratio <- svyratio(~alive, ~arrests, s)
put("scd", "ratio", "alive/arrests", "estimate", coef(ratio)); put("scd", "ratio", "alive/arrests", "se", SE(ratio))
write_numbers("replicates.csv")
