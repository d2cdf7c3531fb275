# The data sets that the other scripts and the tests read: those of the survey package, and one simulated survey.
source("oracle.R")
data(api); data(scd); data(fpc); data(hospital); data(mu284); data(election); data(crowd); data(nhanes)

keep <- c("cds", "stype", "dnum", "snum", "enroll", "api.stu", "api00", "api99", "meals", "ell", "avg.ed", "target",
          "growth", "col.grad", "pw", "sch.wide", "comp.imp", "both", "awards", "emer", "mobility")
for (name in c("apisrs", "apistrat")) write_data(get(name)[c(keep, "fpc")], name)
write_data(apiclus1[c(keep, "fpc")], "apiclus1")
write_data(apiclus2[c(keep, "fpc1", "fpc2")], "apiclus2")
write_data(scd, "scd"); write_data(fpc, "fpc"); write_data(hospital, "hospital"); write_data(mu284, "mu284")
write_data(crowd, "crowd"); write_data(nhanes, "nhanes")
write_data(data.frame(election_pps[c("votes", "Bush", "Kerry", "Nader", "p")], wt = 1 / election_pps$p), "election_pps")

# A survey like KNHANES: 24 strata of 2 to 5 clusters, two strata with a single cluster, rare domains, missing answers,
# rows of weight zero, cluster ids that start again in every stratum.
set.seed(20240229)
sizes <- c(rep(2, 10), rep(3, 6), 4, 4, 5, 5, 2, 2, 1, 1)
rows <- NULL
for (h in seq_along(sizes)) for (c in seq_len(sizes[h])) {
  n <- sample(12:30, 1)
  effect <- rnorm(1, 0, 0.8) + (h - 12) / 20
  sex <- sample(1:2, n, TRUE); age <- sample(19:85, n, TRUE)
  sbp <- 100 + 0.45 * age + 3 * (sex == 1) + 4 * effect + rnorm(n, 0, 12)
  bmi <- exp(3.1 + 0.02 * effect + 0.0008 * age + rnorm(n, 0, 0.14))
  rows <- rbind(rows, data.frame(
    stratum = 100 + h, psu = c, region = c("north", "south", "island")[1 + (h > 12) + (h == 24)],
    wt = exp(rnorm(n, 9, 0.5)), sex, age, sbp = round(sbp, 1), bmi = round(bmi, 2),
    smoker = as.integer(runif(n) < plogis(-1.2 + 1.1 * (sex == 1) - 0.01 * (age - 50) + 0.3 * effect)),
    rare = as.integer(runif(n) < 0.03), visits = rpois(n, 2 + (age > 60)), persons = sample(1:5, n, TRUE),
    income = sample(c("low", "middle", "high"), n, TRUE, c(0.4, 0.35, 0.25))))
}
rows$bmi[sample(nrow(rows), 60)] <- NA
rows$smoker[sample(nrow(rows), 45)] <- NA
rows$income[sample(nrow(rows), 30)] <- NA
rows$wt[sample(nrow(rows), 25)] <- 0
rows$agegroup <- cut(rows$age, c(18, 39, 59, 120), c("19-39", "40-59", "60+"))
rows$obese <- as.integer(rows$bmi >= 25)
write_data(rows, "simulated")
write_data(subset(rows, !stratum %in% c(123, 124)), "simulated_paired")

data(yrbs)
write_data(yrbs[c("psu", "stratum", "weight", "qn8")], "yrbs")
write.table(election_jointprob, gzfile("data/election_jointprob.csv.gz"), sep = ",", row.names = FALSE, col.names = FALSE)
