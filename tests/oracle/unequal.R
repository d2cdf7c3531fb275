# Unequal probabilities without replacement, and two phases.
source("oracle.R")
data(election)
frame <- read_data("election_pps")
frame$big <- frame$votes > 5e4
joint <- as.matrix(election_jointprob)
designs <- list(
  brewer = svydesign(id = ~1, fpc = ~p, data = frame, pps = "brewer"),
  overton = svydesign(id = ~1, fpc = ~p, data = frame, pps = "overton"),
  overton_yg = svydesign(id = ~1, fpc = ~p, data = frame, pps = "overton", variance = "YG"),
  hartley_rao = svydesign(id = ~1, fpc = ~p, data = frame, pps = HR()),
  hartley_rao_yg = svydesign(id = ~1, fpc = ~p, data = frame, pps = HR(), variance = "YG"),
  joint = svydesign(id = ~1, fpc = ~p, data = frame, pps = ppsmat(joint, tolerance = 0)),
  joint_yg = svydesign(id = ~1, fpc = ~p, data = frame, pps = ppsmat(joint, tolerance = 0), variance = "YG")
)
for (name in names(designs)) {
  d <- designs[[name]]
  for (candidate in c("Bush", "Kerry", "Nader")) put_stat(name, "total", candidate, svytotal(make.formula(candidate), d))
  put_stat(name, "mean", "Bush", svymean(~Bush, d))
  ratio <- svyratio(~Bush, ~votes, d)
  put(name, "ratio", "Bush/votes", "estimate", coef(ratio)); put(name, "ratio", "Bush/votes", "se", SE(ratio))
  if (name == "brewer" || grepl("_yg", name)) next
  put_stat(name, "total", "Kerry", svytotal(~Kerry, subset(d, big)), where = "votes > 50000")
}
# Brewer's approximation through two stages; rows sorted by cluster, as R takes factors in row and sums in id order.
two <- svydesign(id = ~id1 + id2, fpc = ~f1 + f2, pps = "brewer",
                 data = transform(with(read_data("mu284"), read_data("mu284")[order(id1), ]), f1 = 5 / n1 * c(0.8, 1, 1.1, 0.9, 1.2)[match(id1, c(19, 31, 45, 47, 50))], f2 = 3 / n2))
put_stat("brewer_stages", "total", "y1", svytotal(~y1, two)); put_stat("brewer_stages", "mean", "y1", svymean(~y1, two))
write_numbers("unequal.csv")
