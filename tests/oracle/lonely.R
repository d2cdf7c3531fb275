# Strata with a single sampling unit, in the sample or only in the domain, under every policy.
source("oracle.R")
sim <- read_data("simulated")
d <- svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = sim)
policies <- c("remove", "certainty", "adjust", "average")

# survey 4.1 squares the total itself under "adjust"; survey 4.5 centres it at the mean of all units' totals, which is
# what is wanted here. For means and ratios the scores add up to zero and both agree.
total_adjusted <- function(part, variable) {
  w <- weights(part); y <- w * part$variables[[variable]]
  unit <- interaction(part$variables$stratum, part$variables$psu, drop = TRUE)
  t <- tapply(y, unit, sum); h <- tapply(part$variables$stratum, unit, `[`, 1)
  n <- tapply(part$fpc$sampsize[, 1], part$variables$stratum, `[`, 1)
  grand <- sum(t) / sum(n)
  v <- 0
  for (s in names(n)) {
    here <- c(t[h == as.numeric(s)], rep(0, n[s] - sum(h == as.numeric(s))))
    v <- v + if (n[s] == 1) sum((here - grand)^2) else n[s] / (n[s] - 1) * sum((here - mean(here))^2)
  }
  sqrt(v)
}

for (policy in policies) for (where in c("", "rare == 1", "region == \"island\" | age >= 75", "sex == 2")) {
  options(survey.lonely.psu = policy)
  part <- if (where == "") d else subset(d, eval(parse(text = where)))
  text <- gsub("|", "or", where, fixed = TRUE)
  name <- paste0("simulated_", policy)
  put(name, "df", "", "df", degf(part), where = text)
  put_stat(name, "mean", "sbp", svymean(~sbp, part), where = text)
  ratio <- svyratio(~visits, ~persons, part)
  put(name, "ratio", "visits/persons", "estimate", coef(ratio), where = text)
  put(name, "ratio", "visits/persons", "se", SE(ratio), where = text)
  put(name, "total", "visits", "estimate", coef(svytotal(~visits, part)), where = text)
  put(name, "total", "visits", "se", if (policy == "adjust") total_adjusted(part, "visits") else SE(svytotal(~visits, part)), where = text)
  # only adjust and average change where the domain leaves one unit
  options(survey.adjust.domain.lonely = TRUE)
  put_stat(paste0(name, "_domain"), "mean", "sbp", suppressWarnings(svymean(~sbp, part)), where = text)
  options(survey.adjust.domain.lonely = FALSE)
}

# Two stages with a lonely unit at the second, from mu284 with some rows away. Under "adjust" survey 4.5 centres it at
# the mean of the units of its own cluster, itself, so that it adds nothing; survey 4.1 squares the total.
m <- subset(read_data("mu284"), !(id1 == 31 & id2 > 1))
for (policy in c("remove", "certainty")) {
  options(survey.lonely.psu = policy)
  two <- svydesign(id = ~id1 + id2, fpc = ~n1 + n2, data = m)
  put_stat(paste0("mu284_", policy), "mean", "y1", svymean(~y1, two))
  if (policy == "remove") put_stat("mu284_adjust", "mean", "y1", svymean(~y1, two))
}
write_numbers("lonely.csv")
