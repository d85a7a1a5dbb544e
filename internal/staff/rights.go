package staff

// A Role is what a member is at a clinic.
type Role string

// The roles, as the database has them; an admin has no membership.
const (
	RoleAdmin        Role = "admin"
	RoleClinicOwner  Role = "clinic_owner"
	RoleDoctor       Role = "doctor"
	RoleReceptionist Role = "receptionist"
)

// A Right is something a role may do. Every command and every button asks for one when it arrives.
type Right int

// The rights.
const (
	RightNone               Right = iota // asked of nobody
	RightReadRegistry                    // search, list and open owners and pets
	RightWriteRegistry                   // register and change them
	RightDeleteFromRegistry              // and delete them
	RightExportRegistry                  // take all of them out
	RightManageStaff                     // invite, list, stop and take back doctors and receptionists
	RightSeeSubscription                 // its status and the days left
	RightSeeAmounts                      // the whole of it, money too
	RightGetReminders                    // and say when
	RightManageClinics
	RightManageSubscriptions
	RightManageReference // plans, countries, payment methods
)

// rights is who may what.
var rights = map[Role]map[Right]bool{
	RoleReceptionist: {RightReadRegistry: true, RightWriteRegistry: true, RightSeeSubscription: true},
	RoleDoctor:       {RightReadRegistry: true, RightWriteRegistry: true, RightSeeSubscription: true},
	RoleClinicOwner: {
		RightReadRegistry: true, RightWriteRegistry: true, RightSeeSubscription: true,
		RightDeleteFromRegistry: true, RightExportRegistry: true, RightManageStaff: true, RightSeeAmounts: true,
		RightGetReminders: true,
	},
	RoleAdmin: {
		RightManageClinics: true, RightManageSubscriptions: true, RightManageReference: true, RightGetReminders: true,
	},
}

// An Access is what the standing of a clinic leaves open to its staff.
type Access int

// From nothing to everything. A Member made by hand has none until it is said.
const (
	AccessNone  Access = iota // deactivated: a plain message and nothing else
	AccessRead                // ended, suspended or not begun: read and export, no writing
	AccessGrace               // everything, under a banner
	AccessFull
)

// standing is the access a right needs; a right not named needs AccessRead.
var standing = map[Right]Access{
	RightWriteRegistry:      AccessGrace,
	RightDeleteFromRegistry: AccessGrace,
	RightManageStaff:        AccessGrace,
}

// May says whether the member's role has the right and the clinic's standing leaves it open.
func (m Member) May(right Right) bool {
	return right == RightNone || rights[m.Role][right] && m.Access >= max(standing[right], AccessRead)
}

// May says whether the speaker has the right, as an admin or at the chosen clinic.
func (s Speaker) May(right Right) bool {
	return right == RightNone || s.Admin && rights[RoleAdmin][right] || s.Member != nil && s.Member.May(right)
}
