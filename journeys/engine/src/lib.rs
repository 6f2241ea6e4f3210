//! Journeys at run time: graph, instances, timers, step and effects, as a pure function.
