//! Sets whose members are the bits of a number: their common methods.

/// Implements the methods and operators of a set for a struct of one number. `$names` lists the members and their names.
macro_rules! bit_set {
    ($name:ident: $bits:ty, $names:expr) => {
        impl $name {
            /// The empty set.
            pub const NONE: $name = $name(0);

            /// Returns whether this set contains all members of `others`.
            #[must_use]
            #[inline]
            pub const fn contains(self, others: $name) -> bool {
                self.0 & others.0 == others.0
            }

            /// Returns whether this set contains at least one member of `others`.
            #[must_use]
            #[inline]
            pub const fn intersects(self, others: $name) -> bool {
                self.0 & others.0 != 0
            }

            /// Returns whether the set is empty.
            #[must_use]
            #[inline]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Returns the set as a number, in which each member has the bit that it has in C.
            #[must_use]
            #[inline]
            pub const fn bits(self) -> $bits {
                self.0
            }

            /// Creates a set from a number, in which each member has the bit that it has in C.
            #[must_use]
            #[inline]
            pub const fn from_bits(bits: $bits) -> $name {
                $name(bits)
            }
        }

        impl core::ops::BitOr for $name {
            type Output = $name;

            /// Returns the members of either set.
            #[inline]
            fn bitor(self, others: $name) -> $name {
                $name(self.0 | others.0)
            }
        }

        impl core::ops::BitOrAssign for $name {
            #[inline]
            fn bitor_assign(&mut self, others: $name) {
                self.0 |= others.0;
            }
        }

        impl core::ops::BitAnd for $name {
            type Output = $name;

            /// Returns the members of both sets.
            #[inline]
            fn bitand(self, others: $name) -> $name {
                $name(self.0 & others.0)
            }
        }

        impl core::ops::BitAndAssign for $name {
            #[inline]
            fn bitand_assign(&mut self, others: $name) {
                self.0 &= others.0;
            }
        }

        impl core::ops::Sub for $name {
            type Output = $name;

            /// Returns the members of this set that are not in the other.
            #[inline]
            fn sub(self, others: $name) -> $name {
                $name(self.0 & !others.0)
            }
        }

        impl core::fmt::Debug for $name {
            /// Prints the names of the members, and unknown bits as a number.
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let names: &[($name, &str)] = $names;
                let mut left = self.0;
                let mut separator = "";
                for &(member, name) in names {
                    if self.contains(member) {
                        write!(f, "{separator}{name}")?;
                        separator = " | ";
                        left &= !member.0;
                    }
                }
                if left != 0 {
                    write!(f, "{separator}{left:#x}")
                } else if separator.is_empty() {
                    f.write_str("NONE")
                } else {
                    Ok(())
                }
            }
        }
    };
}

pub(crate) use bit_set;

#[cfg(test)]
mod tests {
    use crate::{POLLERR, POLLIN, POLLOUT, PollEvents};

    #[test]
    fn sets_can_be_joined_and_reduced() {
        let mut set = POLLIN | POLLOUT;
        assert!(set.contains(POLLIN) && set.contains(POLLOUT) && set.intersects(POLLIN) && !set.is_empty());
        assert_eq!(set - POLLIN, POLLOUT);
        assert!(set & POLLIN == POLLIN && !(set - POLLIN).intersects(POLLIN));
        set &= POLLIN;
        assert_eq!(set.bits(), 1);
        set |= PollEvents::from_bits(64);
        assert_eq!(
            format!("{set:?}, {:?}, {:?}", POLLIN | POLLERR, PollEvents::NONE),
            "POLLIN | 0x40, POLLIN | POLLERR, NONE"
        );
    }
}
