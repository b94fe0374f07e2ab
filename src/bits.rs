//! Sets whose members are the bits of a number: what all of them can do.

/// Gives a struct of one number what sets of bits can do. `$names` has the members, each with its name.
macro_rules! bit_set {
    ($name:ident: $bits:ty, $names:expr) => {
        impl $name {
            /// None.
            pub const NONE: $name = $name(0);

            /// Whether all of `others` are among these.
            #[must_use]
            #[inline]
            pub const fn contains(self, others: $name) -> bool {
                self.0 & others.0 == others.0
            }

            /// Whether any of `others` is among these.
            #[must_use]
            #[inline]
            pub const fn intersects(self, others: $name) -> bool {
                self.0 & others.0 != 0
            }

            /// Whether there are none.
            #[must_use]
            #[inline]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// The numbers of C, added up.
            #[must_use]
            #[inline]
            pub const fn bits(self) -> $bits {
                self.0
            }

            /// From the numbers of C, added up.
            #[must_use]
            #[inline]
            pub const fn from_bits(bits: $bits) -> $name {
                $name(bits)
            }
        }

        impl core::ops::BitOr for $name {
            type Output = $name;

            /// Those of both.
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

            /// Those that are in both.
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

            /// These without the others.
            #[inline]
            fn sub(self, others: $name) -> $name {
                $name(self.0 & !others.0)
            }
        }

        impl core::fmt::Debug for $name {
            /// Shows the names, and the bits that have none as a number.
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
    fn sets_add_up_and_come_apart() {
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
