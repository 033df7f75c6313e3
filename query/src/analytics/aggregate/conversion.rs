//! The visitors of each traffic source who completed a registration.

use std::collections::BTreeMap;

use analytics_shared::visitor_set::VisitorSet;
use rayon::prelude::*;

use super::source_aggregates::SourceAggregates;
use crate::analytics::model::{EventKind, Links, SharedText};

/// The visitors who viewed an event, or several, through each traffic source and completed a registration of it.
#[derive(Clone, Debug, Default)]
pub struct Conversion {
    /// Visitors of the views by source, as they were counted there; sources without any are missing.
    by_source: BTreeMap<SharedText, VisitorSet>,
    links: Links,
}

impl Conversion {
    /// Returns the visitors of `views` who are among `registered`, the visitors of the completed registrations.
    /// `links` are all of the period.
    pub fn of(views: &SourceAggregates, registered: &VisitorSet, links: &Links) -> Self {
        let registered = links.people(registered);
        let visitors = views.total.visitor_set(EventKind::View);
        let converted = links.visitors_of(visitors, &registered);
        let sources: Vec<_> = views.by_source.iter().collect();
        let by_source = sources.into_par_iter().filter_map(|(source, counts)| {
            let visitors = counts.visitors.intersection(&converted);
            (!visitors.is_empty()).then(|| (source.clone(), visitors))
        });
        Self {
            by_source: by_source.collect(),
            links: links.clone(),
        }
    }

    /// Merges the conversion of several events; `links` are those of all of them.
    pub fn merge<'a>(events: impl Iterator<Item = &'a Self>, links: &Links) -> Self {
        let mut parts = BTreeMap::<&SharedText, Vec<&VisitorSet>>::new();
        for (source, visitors) in events.flat_map(|event| &event.by_source) {
            parts.entry(source).or_default().push(visitors);
        }
        let by_source = parts
            .into_iter()
            .map(|(source, parts)| (source.clone(), VisitorSet::union(parts)));
        Self {
            by_source: by_source.collect(),
            links: links.clone(),
        }
    }

    /// Returns the number of people who viewed through any of `sources` and completed a registration.
    pub fn people<'a>(&self, sources: impl Iterator<Item = &'a str>) -> u64 {
        let visitors = sources.filter_map(|source| self.by_source.get(source));
        self.links.people(&VisitorSet::union(visitors)).len()
    }

    /// Returns the approximate memory in bytes, without the names of the sources and the links.
    pub(super) fn bytes(&self) -> usize {
        let entries = self.by_source.len() * size_of::<(SharedText, VisitorSet)>();
        entries
            + self
                .by_source
                .values()
                .map(VisitorSet::heap_bytes)
                .sum::<usize>()
    }
}
