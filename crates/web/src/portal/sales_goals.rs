//! `/api/sales-goals/`: what is to be sold in a month.

crate::portal::records::handlers!(
    Kind::SalesGoal,
    "sales goals",
    "a sales goal",
    "sales goals",
    SalesGoal,
    SalesGoalInput,
    SalesGoalPatch,
    SalesGoalFilters,
    "/api/sales-goals/",
    "/api/sales-goals/{id}/",
    "/api/sales-goals/{id}/restore/",
    "/api/sales-goals/{id}/timeline/",
    "/api/sales-goals/bulk/",
    "/api/sales-goals/export/"
);
