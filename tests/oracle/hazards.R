# Proportional hazards. The times are made of other answers: many ties, missing events, clusters and weights as they are.
source("oracle.R")
library(survival)
timed <- function(d) transform(d, followed = visits + 1, until = age + visits + 1)
sim <- timed(read_data("simulated_paired")); columns <- timed(read_data("replicate_columns"))
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-16, iter.max = 60)
designs <- list(
  simulated_paired = subset(svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = sim), wt > 0 & !is.na(smoker) & !is.na(bmi)),
  nwtco = svydesign(id = ~1, strata = ~instit, weights = ~stage, data = read_data("nwtco"))
)
models <- list(
  simulated_paired = list(plain = Surv(followed, smoker) ~ age + sex + bmi, strata = Surv(followed, smoker) ~ age + factor(sex) + strata(region),
                          entry = Surv(age, until, smoker) ~ sex + bmi),
  nwtco = list(plain = Surv(edrel, rel) ~ factor(histol) + age, strata = Surv(edrel, rel) ~ age + strata(histol))
)
for (name in names(designs)) for (kind in names(models[[name]])) for (ties in c("efron", "breslow")) {
  MODEL <- models[[name]][[kind]]; D <- designs[[name]]
  fit <- eval(bquote(svycoxph(.(MODEL), D, method = .(ties), control = tight)))
  label <- paste(kind, ties)
  put(name, label, "", "estimate", coef(fit), row = names(coef(fit))); put(name, label, "", "se", sqrt(diag(vcov(fit))), row = names(coef(fit)))
  put(name, label, "", "df", fit$degf.resid)
  if (kind == "plain" && ties == "efron") {  # regTermTest of survey 4.1 takes the wrong coefficients of svycoxph
    terms <- if (name == "nwtco") "age" else c("sex", "bmi"); b <- coef(fit)[terms]; V <- vcov(fit)[terms, terms]
    V0 <- if (is.null(fit$naive.var)) fit$inv.info else fit$naive.var  # survival 3.2 on: robust variances where weights are no counts
    dimnames(V0) <- dimnames(vcov(fit)); V0 <- V0[terms, terms]
    statistic <- drop(b %*% solve(V, b)) / length(b)
    put(name, label, "Wald", "F", statistic); put(name, label, "Wald", "p", pf(statistic, length(b), fit$degf.resid, lower.tail = FALSE))
    less <- update(MODEL, as.formula(paste(". ~ . -", paste(terms, collapse = "-"))))
    reduced <- eval(bquote(svycoxph(.(less), D, method = .(ties), control = tight)))
    lambda <- eigen(solve(V0) %*% V, only.values = TRUE)$values
    put(name, label, "LRT", "p", pFsum(2 * (fit$ll[2] - reduced$ll[2]), rep(1, length(b)), lambda, ddf = fit$degf.resid, lower.tail = FALSE, method = "saddlepoint"))
  }
}
known <- columns[!is.na(columns$smoker), ]
r <- svrepdesign(data = known, repweights = known[grep("^fay[0-9]+$", names(known))], weights = known$wt, type = "Fay", rho = 0.3)
one <- function(w, start) {  # svycoxph does so for each replicate, with R's usual tolerance
  held <- data.frame(known, w = w)[w > 0, ]
  coef(coxph(Surv(followed, smoker) ~ age + sex, held, weights = w, init = start, control = tight))
}
full <- one(known$wt, c(0, 0)); betas <- t(apply(weights(r, "analysis"), 2, one, start = full))
put("fay", "plain efron", "", "estimate", full, row = names(full))
put("fay", "plain efron", "", "se", sqrt(diag(svrVar(betas, r$scale, r$rscales, mse = r$mse, coef = full))), row = names(full))
write_numbers("hazards.csv")
