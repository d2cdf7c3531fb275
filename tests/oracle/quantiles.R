# Quantiles by rule, with Woodruff limits.
source("oracle.R")
apistrat <- read_data("apistrat"); apiclus1 <- read_data("apiclus1"); sim <- read_data("simulated_paired")
designs <- list(
  apistrat = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc),
  apiclus1 = svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc),
  apiclus2_wr = svydesign(id = ~dnum + snum, weights = ~pw, data = read_data("apiclus2"))
)
probs <- c(0.1, 0.25, 0.5, 0.75, 0.9)
for (name in names(designs)) for (variable in c("api00", "meals")) for (rule in c("math", "school", paste0("hf", 1:9))) {
  found <- svyquantile(make.formula(variable), designs[[name]], probs, qrule = rule, ci = TRUE)[[1]]
  for (at in seq_along(probs)) {
    put(name, rule, variable, "estimate", found[at, 1], row = probs[at])
    put(name, rule, variable, "lower", found[at, 2], row = probs[at])
    put(name, rule, variable, "upper", found[at, 3], row = probs[at])
    put(name, rule, variable, "se", found[at, 4], row = probs[at])
  }
}
# In survey 4.1 the rule shahvaish takes off half the weight as it stands, and the score interval counts rows instead of
# weights: both are the published methods where all weights are 1, as in a sample drawn with equal probabilities.
for (name in c("apisrs", "apiclus1_srs")) for (variable in c("api00", "meals")) {
  frame <- read_data(sub("_srs", "", name))
  ids <- if (name == "apisrs") ~1 else ~dnum
  design <- svydesign(id = ids, weights = ~I(rep(1, nrow(frame))), data = frame)
  for (rule in c("shahvaish", "score")) {
    asked <- if (rule == "score") c(0.25, 0.5, 0.75) else probs  # R finds no root in the tails
    found <- if (rule == "score") svyquantile(make.formula(variable), design, asked, interval.type = "score")[[1]]
             else svyquantile(make.formula(variable), design, asked, qrule = rule)[[1]]
    for (at in seq_along(asked)) for (part in 1:4)
      put(name, rule, variable, c("estimate", "lower", "upper", "se")[part], found[at, part], row = asked[at])
  }
}
write_numbers("quantiles.csv")
