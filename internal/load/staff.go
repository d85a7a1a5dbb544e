package load

import (
	"math/rand/v2"
	"time"
)

// A member is one of a clinic's staff.
type member struct {
	id         int64
	role       string
	name       string
	phone      string
	telegramID int64
	language   string
	joinedAt   time.Time
	stoppedAt  *time.Time
}

// roles are a clinic's staff: seven people.
var roles = []string{"clinic_owner", "doctor", "doctor", "receptionist", "receptionist", "receptionist", "receptionist"}

// addStaff employs people, the clinic's owner first. In some clinics one has left.
func (g *generator) addStaff(rng *rand.Rand, c *clinic) {
	for i, role := range roles {
		id := (c.id-1)*int64(len(roles)) + int64(i) + 1
		arabic := chance(rng, c.arabic)
		m := member{
			id: id, role: role, name: g.person(rng, arabic), phone: c.newPhone(rng), telegramID: nobody + id,
			language: "en", joinedAt: c.createdAt.Add(time.Duration(1+rng.IntN(12)) * time.Hour),
		}
		if arabic {
			m.language = "ar"
		}
		if role == "doctor" && arabic {
			m.name = "د. " + m.name
		}
		if i == len(roles)-1 && chance(rng, 10) {
			left := g.at(rng, g.ago(1+rng.IntN(days/2)))
			m.stoppedAt = &left
		} else {
			c.registrars = append(c.registrars, id)
		}
		c.staff = append(c.staff, m)
	}
	c.ownerName, c.ownerPhone = c.staff[0].name, c.staff[0].phone
}

// newPhone is a mobile number none of the clinic's staff has.
func (c *clinic) newPhone(rng *rand.Rand) string {
	for {
		if phone := mobile(rng); !c.phones[phone] {
			c.phones[phone] = true
			return phone
		}
	}
}
