package load

import (
	"math/rand/v2"
	"slices"
	"time"

	"vetalyze/db"
)

// An owner is a clinic's client. Ids come last, when clinics are put in one order of time.
type owner struct {
	clinicID, id int64
	name         string
	phone        string
	second       *string
	channel      *int32
	note         *string
	key          db.Key
	at           time.Time
	by           int64
	pets         []pet
}

// A pet belongs to the owner that holds it.
type pet struct {
	id        int64
	name      string
	species   int32
	birth     *time.Time
	precision *string
	sex       *string
	neutered  *bool
	breed     *string
	colour    *string
	microchip *string
	weight    *int32
	deceased  *time.Time
	alert     *string
}

// addOwners registers a year's clients, and pets with each: one, and half as many again by lot, so that one in three
// has two or more.
func (g *generator) addOwners(rng *rand.Rand, c *clinic) {
	counts := make([]int, g.owners)
	for i := range counts {
		counts[i] = 1
	}
	for range petsOf(int64(g.owners)) - int64(g.owners) {
		counts[rng.IntN(len(counts))]++
	}
	c.owners = make([]owner, g.owners)
	family := mobile(rng)
	for i, pets := range counts {
		if !chance(rng, 3) { // the others share the phone of whoever came before
			family = mobile(rng)
		}
		back := 1 + rng.IntN(days) // how many days ago
		o := g.owner(rng, c, family, back)
		for range pets {
			o.pets = append(o.pets, g.newPet(rng, chance(rng, c.arabic), back))
		}
		c.owners[i] = o
	}
	slices.SortStableFunc(c.owners, func(a, b owner) int { return a.at.Compare(b.at) })
}

func (g *generator) owner(rng *rand.Rand, c *clinic, phone string, back int) owner {
	arabic := chance(rng, c.arabic)
	o := owner{
		clinicID: c.id, name: g.person(rng, arabic), phone: phone, key: keyOf(rng),
		at: g.at(rng, g.ago(back)), by: c.registrars[rng.IntN(len(c.registrars))],
	}
	switch one(rng, 80, 15, 5) {
	case 1:
		o.second = some(mobile(rng))
	case 2:
		o.second = some(landline(rng))
	}
	if chance(rng, 80) && len(g.channels) > 0 {
		o.channel = some(g.reference.channels[one(rng, g.channels...)])
	}
	if chance(rng, 8) {
		o.note = some(g.notes.any(rng).write(rng, arabic))
	}
	return o
}

func (g *generator) newPet(rng *rand.Rand, arabic bool, back int) pet {
	k := g.animals[one(rng, g.animalShares...)]
	p := pet{name: g.pet.draw(rng).write(rng, arabic), species: k.id}
	p.birth, p.precision = birth(rng, g.ago(back), k.oldest)
	if chance(rng, 85) {
		p.sex = some([]string{"male", "female"}[rng.IntN(2)])
		p.neutered = some(chance(rng, 30))
	}
	if len(k.breeds.words) > 0 && chance(rng, 60) {
		p.breed = some(k.breeds.draw(rng).write(rng, arabic))
	}
	if chance(rng, 50) {
		p.colour = some(g.colours.draw(rng).write(rng, arabic))
		p.weight = some(int32(k.heaviest/8 + rng.IntN(k.heaviest*7/8)))
	}
	if chance(rng, 8) {
		p.microchip = some("8180" + digits(rng, 11))
	}
	if chance(rng, 3) {
		p.alert = some(g.alerts.any(rng).write(rng, arabic))
	}
	if chance(rng, 3) { // died since
		p.deceased = some(g.ago(rng.IntN(back)))
	}
	return p
}

// birth is what is known of a birthday: to the day, the month, the year, reckoned from an age, or nothing.
func birth(rng *rand.Rand, registered time.Time, oldest int) (day *time.Time, precision *string) {
	known := one(rng, 35, 20, 15, 15, 15)
	born := registered.AddDate(0, 0, -30-rng.IntN(oldest*365))
	year, month, date := born.Date()
	switch known {
	case 1:
		date = 1
	case 2:
		month, date = time.January, 1
	case 4:
		return nil, nil
	}
	born = time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
	return &born, some([]string{"day", "month", "year", "estimate"}[known])
}

func digits(rng *rand.Rand, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('0' + rng.IntN(10))
	}
	return string(text)
}

func some[T any](v T) *T { return &v }
