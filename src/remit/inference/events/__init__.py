"""Time to event when visits tell only between which two of them it happened.

interval_table   what is known of each subject: (left, right], entry, weight, covariates, group
score_table      repeated scores, and `definition` that turns them into intervals
support          where a curve can put mass, and which of it each subject can see
turnbull         the curve without a model, with its certificate
step_curve       what can be read off such a curve, and what cannot
family, likelihood, newton, accelerated, piecewise      curves with a model, by exact Newton steps
proportional     proportional hazards or odds over a curve without a model
log_rank, bands  are groups different; how sure is a curve
analysis         all of it for one table, as one summary
"""
