# What every oracle script needs: data sets as CSV for both sides, and one table of numbers with its header.
suppressMessages({library(survey); library(methods)})
options(digits = 17, survey.lonely.psu = "fail", warn = 1)

numbers <- NULL

put <- function(design, statistic, variables, quantity, value, by = "", where = "", row = "") {
  stopifnot(length(value) == length(row))
  numbers <<- rbind(numbers, data.frame(design, statistic, variables, by, where, row, quantity,
                                        value = sprintf("%.17g", as.numeric(value))))
}

# Estimate, standard error and (if there) design effect of a svystat or svyby, a row each.
put_stat <- function(design, statistic, variables, object, by = "", where = "", row = NULL) {
  values <- coef(object)
  if (is.null(row)) row <- if (length(values) == 1) "" else names(values)
  put(design, statistic, variables, "estimate", values, by, where, row)
  put(design, statistic, variables, "se", SE(object), by, where, row)
  effect <- if (inherits(object, "svystat")) attr(object, "deff") else NULL
  if (!is.null(effect)) put(design, statistic, variables, "deff", if (is.matrix(effect)) diag(effect) else effect, by, where, row)
}

write_numbers <- function(file) {
  header <- c(paste("#", R.version.string), paste("# survey", packageVersion("survey")))
  writeLines(header, file)
  suppressWarnings(write.table(numbers, file, sep = ",", row.names = FALSE, append = TRUE, qmethod = "double"))
  cat(file, nrow(numbers), "numbers\n")
}

write_data <- function(frame, name) {
  con <- gzfile(file.path("data", paste0(name, ".csv.gz")), "w")
  write.csv(frame, con, row.names = FALSE, na = "")
  close(con)
}

read_data <- function(name) read.csv(file.path("data", paste0(name, ".csv.gz")), na.strings = c("", "NA"))
