# Two phases, by the full variance of both.
source("oracle.R")
data(nwtco, package = "survival")
set.seed(11)
nwtco <- nwtco[sort(sample(nrow(nwtco), 900)), c("seqno", "instit", "histol", "stage", "rel", "edrel", "age", "in.subcohort")]
nwtco$chosen <- as.integer(nwtco$in.subcohort | nwtco$rel == 1)
nwtco$frac <- 0.4
names(nwtco)[8] <- "subcohort"
nwtco$subcohort <- as.integer(nwtco$subcohort)
write_data(nwtco, "nwtco")
stages <- subset(read_data("mu284"), TRUE)
stages <- stages[order(stages$id1, stages$id2), ]
stages$id <- seq_len(nrow(stages)); stages$chosen <- as.integer(c(1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1))
write_data(stages, "mu284_phases")

designs <- list(
  nwtco = twophase(id = list(~seqno, ~seqno), strata = list(NULL, ~rel), subset = ~I(chosen == 1), data = nwtco),
  nwtco_fraction = twophase(id = list(~seqno, ~seqno), strata = list(NULL, ~rel), fpc = list(~frac, NULL),
                            subset = ~I(chosen == 1), data = nwtco),
  nwtco_strata = twophase(id = list(~seqno, ~seqno), strata = list(NULL, ~interaction(rel, stage)),
                          subset = ~I(subcohort == 1 | rel == 1 | stage > 2), data = nwtco)
)
for (name in names(designs)) {
  d <- designs[[name]]
  put_stat(name, "mean", "age", svymean(~age, d)); put_stat(name, "total", "edrel", svytotal(~edrel, d))
  put_stat(name, "mean", "edrel", svymean(~edrel, subset(d, histol == 2)), where = "histol == 2")
  ratio <- svyratio(~edrel, ~age, d)
  put(name, "ratio", "edrel/age", "estimate", coef(ratio)); put(name, "ratio", "edrel/age", "se", SE(ratio))
  put(name, "df", "", "df", degf(d))
}
d <- twophase(id = list(~id1, ~id), strata = list(NULL, ~id1), fpc = list(~n1, NULL), subset = ~I(chosen == 1), data = stages)
put_stat("mu284_phases", "mean", "y1", svymean(~y1, d)); put_stat("mu284_phases", "total", "y1", svytotal(~y1, d))
put("mu284_phases", "df", "", "df", degf(d))
write_numbers("twophase.csv")
