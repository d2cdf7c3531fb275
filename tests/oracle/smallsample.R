# Few clusters. survey 4.5 has svyglm(std.errors = "Bell-McCaffrey"); survey 4.1 has not: its definition is followed here on dense matrices.
# The CR2 of the weighted linear model is that of clubSandwich (Debian: r-cran-clubsandwich).
source("oracle.R")
suppressMessages(library(clubSandwich))
sim <- read_data("simulated_paired")
designs <- list(
  apiclus1 = svydesign(id = ~dnum, weights = ~pw, data = read_data("apiclus1"), fpc = ~fpc),
  simulated_paired = subset(svydesign(id = ~psu, strata = ~stratum, weights = ~wt, nest = TRUE, data = sim), wt > 0 & !is.na(smoker) & !is.na(bmi))
)
formulas <- list(apiclus1 = list(gaussian = api00 ~ ell + meals, binomial = I(sch.wide == "Yes") ~ meals),
                 simulated_paired = list(gaussian = sbp ~ age + factor(sex), binomial = smoker ~ age + bmi))
families <- list(gaussian = gaussian, binomial = quasibinomial)
power <- function(M, p) { e <- eigen(M, symmetric = TRUE); e$vectors %*% diag(ifelse(e$values > 1e-10, pmax(e$values, 1e-10)^p, 0), nrow(M)) %*% t(e$vectors) }
for (name in names(designs)) for (kind in names(families)) {
  MODEL <- formulas[[name]][[kind]]; FAMILY <- families[[kind]]; d <- designs[[name]]
  fit <- svyglm(MODEL, d, family = FAMILY, control = glm.control(epsilon = 1e-14))
  X <- model.matrix(fit); B <- solve(crossprod(X)); M <- diag(nrow(X)) - X %*% B %*% t(X)
  e <- resid(fit, "working"); G <- list()
  for (k in unique(d$cluster[, 1])) {
    i <- which(d$cluster[, 1] == k)
    A <- power(M[i, i, drop = FALSE], -0.5)
    e[i] <- A %*% resid(fit, "working")[i]
    G[[as.character(k)]] <- M[, i, drop = FALSE] %*% A %*% X[i, , drop = FALSE] %*% B
  }
  v <- svyrecvar((X * e * fit$weights) %*% fit$naive.cov, d$cluster, d$strata, d$fpc, postStrata = d$postStrata)
  df <- sapply(seq_len(ncol(X)), function(j) { Q <- crossprod(sapply(G, function(g) g[, j])); sum(diag(Q))^2 / sum(Q^2) })
  put(name, "bell-mccaffrey", kind, "se", sqrt(diag(v)), row = names(coef(fit))); put(name, "bell-mccaffrey", kind, "df", df, row = names(coef(fit)))
}
for (name in names(designs)) {
  d <- designs[[name]]; data <- d$variables; data$.w <- weights(d); data$.c <- d$cluster[, 1]
  fit <- lm(formulas[[name]]$gaussian, data, weights = .w)
  v <- vcovCR(fit, cluster = data$.c, type = "CR2", inverse_var = FALSE, target = rep(1, nrow(data)))
  test <- coef_test(fit, v, test = "Satterthwaite")
  put(name, "cr2", "gaussian", "se", sqrt(diag(v)), row = names(coef(fit))); put(name, "cr2", "gaussian", "df", if (is.null(test$df)) test$df_Satt else test$df, row = names(coef(fit)))
}
write_numbers("smallsample.csv")
