//! Commands on personal data: exporting and forgetting a person, and deleting a whole tenant
//! (docs/PRIVACY.md).

mod delete_tenant;
mod export_person;
mod forget;
mod person;

pub use delete_tenant::delete_tenant;
pub use export_person::export_person;
pub use forget::forget;
pub use person::Person;
