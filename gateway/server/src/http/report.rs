//! `GET /api/v1/report`: what offers came to, by what is asked.
//!
//! `?by=zone`, `?by=offer,hour`, `&days=2026-07-18..2026-07-20`, `&baseline=2026-07-11..2026-07-13`. Before: http.rs. Next:
//! books.rs and gateway/report.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use turnpage_gateway_report::{By, Period, Report, Wrong};

use super::App;
use super::problem::Problem;

/// A question about offers.
#[derive(Debug, Default, PartialEq)]
struct Question {
    by: Vec<By>,
    days: Option<Period>,
    baseline: Option<Period>,
}

/// Answers with a report.
pub(super) async fn report(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let question = match Question::read(query.as_deref().unwrap_or_default()) {
        Ok(question) => question,
        Err(wrong) => return refused(&wrong),
    };
    // A year of a large venue takes longer to count than others may be kept waiting.
    let counted = tokio::task::spawn_blocking(move || {
        let shown = Arc::clone(&app.views.shown.borrow());
        let Question { by, days, baseline } = question;
        app.views.books.look(|ledger| Report::new(ledger.tally(), days, &by, &shown.promises, baseline))
    });
    match counted.await {
        Ok(Ok(report)) => Json(report).into_response(),
        Ok(Err(wrong)) => refused(&wrong),
        Err(error) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn refused(wrong: &Wrong) -> Response {
    Problem::new(StatusCode::BAD_REQUEST, wrong.to_string()).into_response()
}

impl Question {
    fn read(query: &str) -> Result<Self, Wrong> {
        let mut question = Self::default();
        for (key, value) in query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        {
            // Whoever encodes a comma means one.
            let value = value.replace("%2C", ",").replace("%2c", ",");
            match key {
                "by" => {
                    let words = value.split(',').filter(|word| !word.is_empty());
                    question.by = words.map(str::parse).collect::<Result<_, _>>()?;
                }
                "days" => question.days = Some(value.parse()?),
                "baseline" => question.baseline = Some(value.parse()?),
                _ => return Err(Wrong(format!("`{key}` is none of by, days, baseline"))),
            }
        }
        Ok(question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_whole_or_refused() {
        let question =
            Question::read("by=offer%2Czone&days=2026-07-18&baseline=2026-07-11..2026-07-13").unwrap();
        assert_eq!(question.by, [By::Offer, By::Zone]);
        assert!(question.days.is_some() && question.baseline.is_some());
        assert_eq!(Question::read(""), Ok(Question::default()));
        for wrong in ["by=zoned", "days=yesterday", "days=2026-07-18..2026-07-17", "since=noon"] {
            assert!(Question::read(wrong).is_err(), "{wrong}");
        }
    }
}
