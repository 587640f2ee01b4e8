//! The design system: a component is a function that returns markup. They know no request, no tenant and
//! no rule; what they show is given to them.
