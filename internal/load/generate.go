package load

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"vetalyze/db"
)

const (
	// country and zone are those of all clinics made here.
	country, zone = "EG", "Africa/Cairo"

	// nobody is the first of the Telegram ids given to staff: of the 52 bits an id has, but far above all that were ever
	// handed out, so a bot run on a loaded database writes to no stranger.
	nobody int64 = 4_000_000_000_000_000

	// days is how long all of them have been customers, at least.
	days = 365
)

// A generator makes clinics up. What it makes of a clinic depends on the seed, the clinic's number and the day alone.
type generator struct {
	seed      uint64
	owners    int // of each clinic
	today     time.Time
	zone      *time.Location
	reference reference

	male, female, family, pet        pool
	places, clinics, colours         pool
	alerts, notes                    pool
	animals                          []kind
	animalShares, channels, planOdds []int
}

// A kind is an animal with its species' id.
type kind struct {
	animal
	id     int32
	breeds pool
}

// A clinic is one tenant with all that belongs to it. Owners are in the order of their registration, without ids.
type clinic struct {
	id                                    int64
	name, ownerName, ownerPhone, location string
	key                                   db.Key
	createdAt                             time.Time
	deactivatedAt                         *time.Time
	arabic                                int // percent of those who write Arabic
	staff                                 []member
	terms                                 []term
	owners                                []owner
	phones                                map[string]bool // given to staff: one phone is invited once
	registrars                            []int64         // staff who register owners
}

func newGenerator(config Config, known reference, today time.Time, place *time.Location) *generator {
	g := &generator{
		seed: config.Seed, owners: config.Owners, today: today, zone: place, reference: known,
		male: newPool(maleNames), female: newPool(femaleNames), family: newPool(familyNames), pet: newPool(petNames),
		places: newPool(districts), clinics: newPool(clinicNames), colours: newPool(colours),
		alerts: newPool(alerts), notes: newPool(notes),
	}
	for _, a := range animals {
		if id, ok := known.species[a.species]; ok {
			g.animals = append(g.animals, kind{animal: a, id: id, breeds: newPool(a.breeds)})
			g.animalShares = append(g.animalShares, a.share)
		}
	}
	for i := range known.channels {
		g.channels = append(g.channels, 100/(i+2))
	}
	for _, p := range known.plans {
		g.planOdds = append(g.planOdds, p.share)
	}
	return g
}

// idsPerClinic is how many of the registry's ids the owners and pets of a clinic take.
func (g *generator) idsPerClinic() int64 { return int64(g.owners) + petsOf(int64(g.owners)) }

// petsOf is how many pets so many owners have: one and a half each.
func petsOf(owners int64) int64 { return owners + owners/2 }

// clinic makes up the number-th clinic, from 1.
func (g *generator) clinic(number int) *clinic {
	rng := rand.New(rand.NewPCG(g.seed, uint64(number)))
	c := &clinic{
		id: int64(number), key: clinicKey(g.seed, g.owners, number), arabic: 25 + rng.IntN(60), phones: map[string]bool{},
	}
	arabic := chance(rng, 60)
	place := g.places.draw(rng)
	c.location = place.write(rng, arabic)
	c.name = g.clinics.any(rng).write(rng, arabic) + " " + c.location
	g.addTerms(rng, c)
	g.addStaff(rng, c)
	g.addOwners(rng, c)
	return c
}

// clinicKey is the creation key of a clinic made here: by it a loaded clinic is known again.
func clinicKey(seed uint64, owners, number int) db.Key {
	return keyOf(rand.New(rand.NewPCG(^seed, uint64(owners)<<32|uint64(number))))
}

// keyOf is the next key: a random UUID, but the same for the same seed.
func keyOf(rng *rand.Rand) db.Key {
	var k db.Key
	binary.BigEndian.PutUint64(k[:8], rng.Uint64())
	binary.BigEndian.PutUint64(k[8:], rng.Uint64())
	k[6] = k[6]&0x0f | 0x40 // version 4, variant of RFC 9562
	k[8] = k[8]&0x3f | 0x80
	return k
}

// mobile is an Egyptian mobile number.
func mobile(rng *rand.Rand) string {
	return fmt.Sprintf("+201%c%08d", "01250011"[rng.IntN(8)], rng.IntN(100_000_000))
}

// landline is a number in Cairo.
func landline(rng *rand.Rand) string {
	return fmt.Sprintf("+202%d%07d", 2+rng.IntN(2), rng.IntN(10_000_000))
}

// person names somebody: the given name, the father's, often the grandfather's or the family's.
func (g *generator) person(rng *rand.Rand, arabic bool) string {
	given := g.male
	if chance(rng, 45) {
		given = g.female
	}
	words := []string{given.draw(rng).write(rng, arabic)}
	words = g.after(rng, words, g.male, arabic)
	if chance(rng, 25) {
		words = g.after(rng, words, g.male, arabic)
	}
	if chance(rng, 60) {
		words = g.after(rng, words, g.family, arabic)
	}
	name := strings.Join(words, " ")
	if !arabic && chance(rng, 8) {
		return strings.ToLower(name)
	}
	return name
}

// after adds a name that is not the same as the one before it.
func (g *generator) after(rng *rand.Rand, words []string, names pool, arabic bool) []string {
	for {
		if next := names.draw(rng).write(rng, arabic); next != words[len(words)-1] {
			return append(words, next)
		}
	}
}

// at is a moment of a day at a clinic's desk, between ten in the morning and nine in the evening.
func (g *generator) at(rng *rand.Rand, day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 10, 0, rng.IntN(11*60*60), 0, g.zone).UTC()
}

// ago is a day before today.
func (g *generator) ago(days int) time.Time { return g.today.AddDate(0, 0, -days) }
