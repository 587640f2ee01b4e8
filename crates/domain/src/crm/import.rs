//! Words of imports.

use crate::words::words;

words! {
    /// How far an import is.
    State { /// Its rows are there; what its columns mean may be said.
        Ready = "READY", /// A dry run is under way.
        Checking = "CHECKING", /// Every row has its verdict.
        Checked = "CHECKED", /// Rows are being written.
        Committing = "COMMITTING", /// All that could be written is.
        Done = "DONE", /// It was stopped; what was written stays until it is taken back.
        Cancelled = "CANCELLED", /// It is being taken back.
        Undoing = "UNDOING", /// It was taken back.
        Undone = "UNDONE", /// It could not go on.
        Failed = "FAILED" }
}

words! {
    /// What to do with a row that is there already.
    Verb { /// Leave it out.
        Skip = "skip", /// Change the record.
        Update = "update", /// Make another one.
        Create = "create" }
}
