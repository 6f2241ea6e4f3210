//! Everything an author of journeys uses: read, check, explain.
