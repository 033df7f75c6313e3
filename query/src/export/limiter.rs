//! At most so many exports at once for each tenant, so that none keeps the others waiting.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;

use super::ExportError;

/// How many exports each tenant has running.
#[derive(Clone)]
pub struct Turns {
    per_tenant: u32,
    running: Arc<Mutex<HashMap<Uuid, u32>>>,
}

/// An export that runs, until it is dropped.
pub(super) struct Turn {
    turns: Turns,
    tenant_id: Uuid,
}

impl Turns {
    /// At most `per_tenant` exports at once for each tenant.
    #[must_use]
    pub fn new(per_tenant: u32) -> Self {
        Self {
            per_tenant,
            running: Arc::default(),
        }
    }

    /// Lets the tenant run one more.
    pub(super) fn take(&self, tenant_id: Uuid) -> Result<Turn, ExportError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let of_tenant = running.entry(tenant_id).or_default();
        if *of_tenant >= self.per_tenant {
            return Err(ExportError::TooManyOfTenant(self.per_tenant));
        }
        *of_tenant += 1;
        Ok(Turn {
            turns: self.clone(),
            tenant_id,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let running = self.turns.running.lock();
        let mut running = running.unwrap_or_else(PoisonError::into_inner);
        if let Some(of_tenant) = running.get_mut(&self.tenant_id) {
            *of_tenant -= 1;
            if *of_tenant == 0 {
                running.remove(&self.tenant_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_its_turns_whatever_others_do_and_gets_them_back() {
        let turns = Turns::new(2);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = turns.take(one);
        let _second = turns.take(one);
        assert!(matches!(
            turns.take(one),
            Err(ExportError::TooManyOfTenant(2))
        ));
        assert!(turns.take(other).is_ok());
        drop(first);
        assert!(turns.take(one).is_ok());
        assert_eq!(
            turns.running.lock().unwrap().len(),
            1,
            "who has none is forgotten"
        );
    }
}
