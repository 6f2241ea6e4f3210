//! The gateway's decisions: admit, enrich, plan. Sync, clockless, socketless.
