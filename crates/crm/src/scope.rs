//! Which records there are for whoever reads. Every read of a kind's table goes by this: lists, boards,
//! metrics, single records and bulk edits. Who may see less than all of a company's records is to be told
//! here, and nowhere else.

/// The condition of the rows that are there.
pub(crate) const SEEN: &str = "deleted_at IS NULL";
