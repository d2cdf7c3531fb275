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
write_numbers("quantiles.csv")
