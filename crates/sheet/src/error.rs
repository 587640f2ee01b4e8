//! Why a file can't be read.

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It has nothing in it.
    #[error("The file is empty.")]
    Empty,
    /// It is no table at all.
    #[error("This is neither CSV nor XLSX.")]
    NotASheet,
    /// An older kind of workbook.
    #[error("Workbooks of the old kind (.xls) can't be read. Save it as XLSX or CSV.")]
    OldWorkbook,
    /// It is locked with a password, or otherwise not as XLSX is.
    #[error("The workbook can't be read: {0}.")]
    Workbook(String),
    /// Its letters are none.
    #[error("Line {0}: the text's encoding is broken.")]
    Encoding(u64),
    /// Too many columns.
    #[error("Line {line}: more than {most} columns.")]
    Columns {
        /// The line or row.
        line: u64,
        /// As many are read.
        most: usize,
    },
    /// A cell or a row is too long; a quote that nobody closes makes one.
    #[error("Line {line}: a cell or a row is too long. Is a quote not closed?")]
    Long {
        /// The line or row.
        line: u64,
    },
    /// Too many rows.
    #[error("The file has more than {0} rows. Divide it.")]
    Rows(u64),
    /// It unpacks to more than anybody would type.
    #[error("The workbook unpacks to too much.")]
    Bomb,
    /// Whoever takes the rows wants no more.
    #[error("stopped")]
    Stopped,
    /// It could not be read from where it lies.
    #[error("The file could not be read: {0}")]
    Io(#[from] std::io::Error),
}
