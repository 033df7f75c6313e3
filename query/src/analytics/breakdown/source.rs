//! Metrics by traffic source.

use std::cmp::{Ordering, Reverse};

use poem_openapi::Object;

use crate::analytics::{
    aggregate::{Conversion, SourceCounts, SourceTable},
    kpi::ratio,
    model::PageRange,
};

/// Metrics by traffic source.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct SourceBreakdown {
    /// Metrics of one page of the traffic sources, most views first.
    pub by_source: Vec<SourceMetrics>,
    /// Sum of the sources that `bySource` does not list; `null` if it lists all.
    #[oai(nullable)]
    pub other_sources: Option<OtherSources>,
}

/// Metrics of one traffic source.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct SourceMetrics {
    /// Name of the source; `direct` for visits without a known origin, `unknown` for registrations, check-ins and
    /// payments of which no source is known.
    pub source: String,
    /// Page views.
    pub views: u64,
    /// Distinct visitors with a page view; a visitor from two sources counts for both.
    pub unique_views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Check-ins.
    pub check_ins: u64,
    /// Distinct people who viewed through the source and completed a registration, both within the period, in any
    /// order. A browser and the user whom a fact links to it are one person.
    pub converted_visitors: u64,
    /// `convertedVisitors` / `uniqueViews`; `null` without views.
    #[oai(nullable)]
    pub conversion_rate: Option<f64>,
}

/// The sum of the traffic sources that are not listed.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct OtherSources {
    /// Number of these sources.
    pub sources: u64,
    /// Page views.
    pub views: u64,
    /// Distinct visitors with a page view through any of these sources; each counts once.
    pub unique_views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Check-ins.
    pub check_ins: u64,
    /// Distinct people who viewed through any of these sources and completed a registration, both within the period, in any
    /// order. A browser and the user whom a fact links to it are one person.
    pub converted_visitors: u64,
    /// `convertedVisitors` / `uniqueViews`; `null` without views.
    #[oai(nullable)]
    pub conversion_rate: Option<f64>,
}

impl SourceBreakdown {
    /// Lists one page of the sources with views, registrations or check-ins, and sums up the others.
    pub fn of(sources: &SourceTable, conversion: &Conversion, page: PageRange) -> Self {
        let active = sources.iter().filter(|(_, counts)| counts.is_active());
        let active = active.map(|(source, counts)| (&**source, counts));
        let mut sources: Vec<(&str, &SourceCounts)> = active.collect();
        let selection = page.select(&mut sources, compare);
        let listed = selection.listed.iter();
        let other_sources = (selection.others_len() > 0).then(|| {
            let others = SourceCounts::sum(selection.others().map(|(_, counts)| *counts));
            let converted = conversion.people(selection.others().map(|(source, _)| *source));
            OtherSources {
                converted_visitors: converted,
                conversion_rate: ratio(converted, others.visitors.len()),
                sources: selection.others_len(),
                views: others.views,
                unique_views: others.visitors.len(),
                registrations: others.registrations,
                check_ins: others.check_ins,
            }
        });
        Self {
            by_source: listed
                .map(|(source, counts)| {
                    let converted = conversion.people([*source].into_iter());
                    SourceMetrics {
                        source: (*source).to_owned(),
                        views: counts.views,
                        unique_views: counts.visitors.len(),
                        registrations: counts.registrations,
                        check_ins: counts.check_ins,
                        converted_visitors: converted,
                        conversion_rate: ratio(converted, counts.visitors.len()),
                    }
                })
                .collect(),
            other_sources,
        }
    }
}

/// Most views first, then most registrations, then most check-ins, then by name.
fn compare(a: &(&str, &SourceCounts), b: &(&str, &SourceCounts)) -> Ordering {
    let key =
        |counts: &SourceCounts| Reverse((counts.views, counts.registrations, counts.check_ins));
    key(a.1).cmp(&key(b.1)).then_with(|| a.0.cmp(b.0))
}
