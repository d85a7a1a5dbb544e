package crowd

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A Deed is one of the things people do with the bot.
type Deed string

// The deeds, each one update, as the mix counts them.
const (
	Search       Deed = "search"       // types what is remembered of an owner
	Owners       Deed = "owners"       // asks for the owners, or taps for a further page
	Card         Deed = "card"         // taps on an owner or a pet
	Register     Deed = "register"     // writes a registration with pets in one message, or saves one that was understood
	Subscription Deed = "subscription" // asks for the clinic's subscription
	Clinics      Deed = "clinics"      // an admin asks for the clinics, or taps for a further page
)

// A Mix says how many of a hundred updates are which deed.
type Mix []Share

// A Share is a deed's part of a mix.
type Share struct {
	Deed    Deed
	Percent int
}

// Day is the mix of an ordinary day.
var Day = Mix{{Search, 40}, {Owners, 20}, {Card, 15}, {Register, 15}, {Subscription, 5}, {Clinics, 5}}

// draw picks the next deed.
func (m Mix) draw(rng *rand.Rand) Deed {
	all := 0
	for _, share := range m {
		all += share.Percent
	}
	at := rng.IntN(all)
	for _, share := range m {
		if at -= share.Percent; at < 0 {
			return share.Deed
		}
	}
	return m[0].Deed
}

// typed is what somebody types to find an owner again.
func typed(rng *rand.Rand, owner Owner) string {
	words := strings.Fields(owner.Name)
	switch roll := rng.IntN(100); {
	case roll < 25 && len(words) > 1: // two of the names
		return words[0] + " " + words[len(words)-1]
	case roll < 45: // how they begin
		return beginning(words[0], 4) + " " + beginning(words[len(words)-1], 3)
	case roll < 55:
		return owner.Name
	case roll < 70 && len(owner.Phone) > 4:
		return owner.Phone[len(owner.Phone)-4:]
	case roll < 80:
		return "0" + strings.TrimPrefix(owner.Phone, "+20")
	case roll < 92:
		return words[0] + " " + owner.Pet
	case roll < 97:
		return owner.Code
	}
	return "qqq " + words[0]
}

func beginning(word string, letters int) string {
	characters := []rune(word)
	return string(characters[:min(letters, len(characters))])
}

// A Registration is an owner with pets as somebody registered them.
type Registration struct {
	Person, ClinicID int64
	Name, Phone      string   // the phone in E.164
	Pets             []string // names
}

var (
	givenNames  = []string{"Ahmed", "Mona", "أحمد", "منى", "Karim", "سارة", "Youssef", "مريم", "Heba", "خالد"}
	familyNames = []string{"Hassan", "السيد", "Fawzy", "منصور", "Shahin", "النجار", "Barakat", "درويش"}
	petNames    = []string{"Simba", "Luna", "Rex", "Mimi", "Bondok", "Leo", "Bella", "Max"}
	animals     = []string{"dog 2y", "cat", "cat 6 months", "dog", "parrot", "rabbit 1y"}
)

// newRegistration makes an owner up, whom nobody has registered: the numbered phone of the run says so.
func newRegistration(rng *rand.Rand, person Person, number int) (r Registration, typed string) {
	r = Registration{
		Person: person.ID, ClinicID: person.ClinicID,
		Name:  givenNames[rng.IntN(len(givenNames))] + " " + familyNames[rng.IntN(len(familyNames))],
		Phone: fmt.Sprintf("+2012%08d", number%100_000_000),
	}
	typed = "/register " + r.Name + ", 0" + strings.TrimPrefix(r.Phone, "+20")
	for range 1 + rng.IntN(2) {
		pet := petNames[rng.IntN(len(petNames))]
		r.Pets = append(r.Pets, pet)
		typed += "; " + pet + " " + animals[rng.IntN(len(animals))]
	}
	return r, typed
}
