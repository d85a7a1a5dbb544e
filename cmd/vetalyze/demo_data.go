package main

import (
	"context"
	"fmt"
	"time"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/registry"
	"vetalyze/internal/simulator"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// demoPerson is somebody with a phone on the page.
type demoPerson struct {
	id                  int64
	firstName, lastName string
	language, phone     string
	title, subtitle     string
	clinic              string
	role                staff.Role // empty: has not come in yet
}

const (
	nilePets = "Nile Pet Clinic"
	alRifq   = "عيادة الرفق البيطرية"
)

// demoCast is everybody on the page; by their ids they stand from left to right.
// Each clinic's owner comes before those whom the owner invites.
var demoCast = []demoPerson{
	{id: 5003, firstName: "Nadia", lastName: "Fouad", language: "en", phone: "+201000100003", title: "Platform admin", subtitle: "Vetalyze", role: staff.RoleAdmin},
	{id: 5002, firstName: "Mona", lastName: "Sabry", language: "en", phone: "+201000100002", title: "Clinic owner", subtitle: nilePets, clinic: nilePets, role: staff.RoleClinicOwner},
	{id: 5001, firstName: "Sara", lastName: "Adel", language: "en", phone: "+201000100001", title: "Receptionist", subtitle: nilePets, clinic: nilePets, role: staff.RoleReceptionist},
	{id: 5005, firstName: "هدى", lastName: "منصور", language: "ar", phone: "+201000100005", title: "صاحبة العيادة", subtitle: alRifq, clinic: alRifq, role: staff.RoleClinicOwner},
	{id: 5004, firstName: "سلمى", lastName: "كامل", language: "ar", phone: "+201000100004", title: "موظفة الاستقبال", subtitle: alRifq, clinic: alRifq, role: staff.RoleReceptionist},
	{id: 5006, firstName: "Omar", lastName: "Lotfy", language: "en", phone: "+201000100006", title: "Newcomer", subtitle: "not invited yet"},
}

// demoOwners are the clients of the two clinics, as somebody would type them.
var demoOwners = map[string][]string{
	nilePets: {
		"Ahmed Ali, 0100 123 4567; Rex dog 2y; Mimi cat",
		"Laila Hassan, 0122 555 0199; Simba cat 4y",
		"Karim Nabil, 0111 902 3344; Bella dog 8 months; Rocky dog 6y",
		"Dina Farouk, 0106 771 2090; Kiwi parrot 1y",
		"Youssef Adly, 0127 300 4512; Luna cat 3 months",
		"Farida Samir, 0109 848 1120; Bunny rabbit 2y; Snow rabbit 1y",
		"Omar Khaled, 0101 665 7788; Max dog 9y",
		"Nour El-Din Said, 0155 210 9087; Shelly turtle 12y",
		"Hana Magdy, 0128 443 2211; Coco cat 5y; Oreo cat 5y; Pepper dog 3y",
		"Tarek Hosny, 0114 098 7123; Zeus dog 10 months",
	},
	alRifq: {
		"أحمد علي، 0100 765 4321؛ لولو قطة سنتين",
		"فاطمة الزهراء محمود، 0122 340 1188؛ ركس كلب 5 سنوات؛ مشمش قطة سنة",
		"محمد عبد الرحمن، 0111 226 7040؛ عنتر حصان 7 سنوات",
		"مريم سعيد، 0106 552 8843؛ كوكو عصفور سنة",
		"مصطفى إبراهيم، 0127 419 6650؛ بسبس قطة 3 شهور",
		"آية حسين، 0109 113 5572؛ لاكي كلب 4 سنوات",
		"إيمان صلاح، 0101 997 4036؛ أرنوب أرنب سنتين؛ سكر أرنب سنة",
		"خالد يوسف، 0155 874 2219؛ ماكس كلب 8 سنوات",
	},
}

// furnish fills an empty database with the two clinics by the same ways the bot
// uses, as if it had happened over the last weeks, and with some neighbours for
// the platform's lists.
func furnish(ctx context.Context, h *house, now *clock.Clock, sim *simulator.Simulator) error {
	past := clock.At(now.Now().AddDate(0, 0, -100))
	door := demoDoor{house: h, people: staff.New(h.db, past), terms: subscription.New(h.db, past), owners: map[string]staff.Member{}}
	for _, person := range demoCast {
		sim.AddPerson(simulator.Person{
			ID: person.id, FirstName: person.firstName, LastName: person.lastName,
			LanguageCode: person.language, Phone: person.phone,
		})
		if person.role == "" {
			continue
		}
		if since, ok := demoSince[person.clinic]; ok {
			past.Set(now.Now().AddDate(0, 0, -since))
		}
		if err := door.open(ctx, person); err != nil {
			return fmt.Errorf("let %d in: %w", person.id, err)
		}
	}
	for clinic, member := range door.owners {
		past.Set(now.Now().AddDate(0, 0, -40))
		if err := registerAll(ctx, h, past, member, demoOwners[clinic]); err != nil {
			return fmt.Errorf("register the owners of a clinic: %w", err)
		}
	}
	return door.settleNeighbours(ctx, now)
}

// A demoDoor is what people come in through: invited by the admin, or by the owner
// of their clinic.
type demoDoor struct {
	house  *house
	people *staff.Staff
	terms  *subscription.Subscriptions
	admin  staff.Speaker
	owners map[string]staff.Member // by clinic
}

// open makes a person what their role says.
func (d *demoDoor) open(ctx context.Context, person demoPerson) (err error) {
	joining := staff.Joining{TelegramID: person.id, Language: person.language, Phone: person.phone}
	name := person.firstName + " " + person.lastName
	switch person.role {
	case staff.RoleAdmin:
		if err := d.people.EnsureAdmins(ctx, person.id); err != nil {
			return err
		}
		if d.admin, err = d.people.Find(ctx, person.id, person.language); err != nil {
			return err
		}
		return sellPlans(ctx, d.house.reference, d.admin)
	case staff.RoleClinicOwner:
		invite, err := d.people.CreateClinic(ctx, d.admin, staff.NewClinic{
			Key: db.NewKey(), Country: "EG", Name: person.clinic, OwnerName: name, OwnerPhone: person.phone,
		})
		if err != nil {
			return err
		}
		if err := sellTerms(ctx, d.house.reference, d.terms, d.admin, invite.ClinicID, demoTerms[person.clinic]); err != nil {
			return err
		}
		joining.Token = invite.Token
		owner, err := d.people.Join(ctx, joining)
		if err == nil {
			d.owners[person.clinic] = *owner.Member
		}
		return err
	}
	joining.Token, err = d.people.Invite(ctx, d.owners[person.clinic], staff.Invitation{
		Key: db.NewKey(), Role: person.role, Name: name, Phone: person.phone,
	})
	if err != nil {
		return err
	}
	_, err = d.people.Join(ctx, joining)
	return err
}

// registerAll registers owners written in one line each, some days apart.
func registerAll(ctx context.Context, h *house, past *clock.Clock, by staff.Member, lines []string) error {
	species, err := h.reference.Species(ctx)
	if err != nil {
		return err
	}
	owners := registry.New(h.db, past)
	for _, line := range lines {
		past.Advance(36 * time.Hour)
		reader := registry.Reader{Country: by.Country, Species: species.Find, Today: past.Today(by.Zone())}
		read := reader.ReadOneLine(line)
		registration := registry.Registration{Key: db.NewKey(), Name: read.Name, Phone: read.Phone}
		for _, pet := range read.Pets {
			registration.Pets = append(registration.Pets, registry.NewPet{Name: pet.Name, SpeciesID: pet.SpeciesID, Birth: pet.Birth})
		}
		if _, err := owners.Register(ctx, by, registration); err != nil {
			return err
		}
	}
	return nil
}
