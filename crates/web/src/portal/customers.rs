//! `/api/customers/`: whom the company sells to.

crate::portal::records::handlers!(
    Kind::Customer,
    "customers",
    "a customer",
    "customers",
    Customer,
    CustomerInput,
    CustomerPatch,
    CustomerFilters,
    "/api/customers/",
    "/api/customers/{id}/",
    "/api/customers/{id}/restore/",
    "/api/customers/{id}/timeline/",
    "/api/customers/bulk/",
    "/api/customers/export/"
);

crate::portal::attachments::handlers!(
    Kind::Customer,
    "customers",
    "a customer",
    "/api/customers/{id}/attachments/"
);

crate::portal::duplicates::mergeable!(
    Kind::Customer,
    "customers",
    "a customer",
    "customers",
    Customer,
    "/api/customers/similar/",
    "/api/customers/duplicates/",
    "/api/customers/duplicates/dismissed/",
    "/api/customers/{id}/merge/"
);
