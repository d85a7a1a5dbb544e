package staff

// A Denial is why a speaker has not a right.
type Denial int

// The denials.
const (
	NotDenied        Denial = iota
	DeniedToStranger        // nobody here
	DeniedByRole            // no role of theirs includes it
	DeniedByStanding        // their role does, but the clinic's standing leaves it closed: Member.Standing
)

// Denial says whether the speaker has the right, and why not.
func (s Speaker) Denial(right Right) Denial {
	switch {
	case s.May(right):
		return NotDenied
	case !s.Known():
		return DeniedToStranger
	case s.Member != nil && rights[s.Member.Role][right]:
		return DeniedByStanding
	}
	return DeniedByRole
}
