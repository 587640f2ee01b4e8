//! How much a file may be.

/// How much is read of a file before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Columns of a row.
    pub columns: usize,
    /// Bytes of a cell, in UTF-8.
    pub cell: usize,
    /// Bytes of a row.
    pub row: usize,
    /// Rows, the header among them.
    pub rows: u64,
    /// Bytes that the parts of a workbook may unpack to, together.
    pub unpacked: u64,
    /// Bytes of a workbook's table of texts, which is kept in memory.
    pub texts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            columns: 500,
            // Excel's own 32,767 letters, each of up to four bytes.
            cell: 128 << 10,
            row: 1 << 20,
            rows: 200_001,
            unpacked: 512 << 20,
            texts: 32 << 20,
        }
    }
}
