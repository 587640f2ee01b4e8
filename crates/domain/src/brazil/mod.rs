//! Brazil's numbers: CPF and CNPJ, telephones, postal codes. Each is read in any of its usual writings
//! and kept in one.

mod cep;
mod phone;
mod tax_id;

pub use cep::Cep;
pub use phone::Phone;
pub use tax_id::TaxId;

/// Serialises as its normal text, and shows itself as people write it.
macro_rules! as_text {
    ($type:ty, $normal:ident) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.$normal())
            }
        }
    };
}
as_text!(Cep, normal);
as_text!(Phone, e164);
as_text!(TaxId, normal);
