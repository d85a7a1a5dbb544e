package main

import (
	"context"
	"fmt"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/reference"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// demoPlans are what the platform sells in the demo.
var demoPlans = []reference.Plan{
	{NameEN: "Monthly", NameAR: "شهري", DurationDays: 30, Accounts: 3, PriceMinor: 60_000, Currency: "EGP", GraceDays: 7, Position: 1},
	{NameEN: "Quarterly", NameAR: "ربع سنوي", DurationDays: 90, Accounts: 5, PriceMinor: 162_000, Currency: "EGP", GraceDays: 7, Position: 2},
	{NameEN: "Yearly", NameAR: "سنوي", DurationDays: 365, Accounts: 10, PriceMinor: 576_000, Currency: "EGP", GraceDays: 7, Position: 3},
}

// A demoTerm is a term sold to a clinic on the day it was taken in.
type demoTerm struct {
	plan, method int // by their places in the lists
	reference    string
	extra        int
}

// demoTerms are what each clinic has bought, one term after the other. Both end soon, so that moving the page's clock rings
// their owners' phones.
var demoTerms = map[string][]demoTerm{
	nilePets: {{plan: 0, method: 1, reference: "IPN-48201", extra: 2}, {plan: 0, method: 1, reference: "IPN-51377", extra: 2}},
	alRifq:   {{plan: 1, method: 2, reference: "VC-7731"}},
}

// demoSince is how many days ago each clinic was taken in: one has 9 days left, the other 8.
var demoSince = map[string]int{nilePets: 51, alRifq: 82}

// sellPlans puts the demo's plans on sale.
func sellPlans(ctx context.Context, lists *reference.Reference, admin staff.Speaker) error {
	for _, plan := range demoPlans {
		if _, err := lists.AddPlan(ctx, admin, db.NewKey(), plan); err != nil {
			return fmt.Errorf("add a plan: %w", err)
		}
	}
	return nil
}

// sellTerms sells a clinic the terms it has in the demo.
func sellTerms(ctx context.Context, lists *reference.Reference, terms *subscription.Subscriptions, admin staff.Speaker, clinicID int64, sold []demoTerm) error {
	plans, err := lists.Plans(ctx)
	if err != nil {
		return err
	}
	methods, err := lists.PaymentMethods(ctx)
	if err != nil {
		return err
	}
	for _, term := range sold {
		_, err := terms.Create(ctx, admin, subscription.Sale{
			Key: db.NewKey(), ClinicID: clinicID, PlanID: plans[term.plan].ID, MethodID: methods[term.method].ID,
			Reference: term.reference, ExtraAccounts: term.extra,
		})
		if err != nil {
			return fmt.Errorf("sell a term: %w", err)
		}
	}
	return nil
}

// A demoNeighbour is a clinic that has no phone on the page, only a place on the platform's lists.
type demoNeighbour struct {
	name, owner, phone, country string
	since                       int // days ago it was taken in and bought its first term
	terms                       []demoTerm
	suspended                   bool
	deactivated                 bool
}

// demoNeighbours stand in every way a clinic can.
var demoNeighbours = []demoNeighbour{
	{name: "Zamalek Vets", owner: "Sherif Naguib", phone: "+201000100101", country: "EG", since: 200, terms: []demoTerm{{plan: 2, method: 5, reference: "BT-20981"}}},
	{name: "عيادة المعادي للطيور", owner: "منى الشاذلي", phone: "+201000100102", country: "EG", since: 88, terms: []demoTerm{{plan: 1, method: 1, reference: "IPN-50117"}}},
	{name: "Alexandria Animal Care", owner: "Nabil Youssef", phone: "+201000100103", country: "EG", since: 92, terms: []demoTerm{{plan: 1, method: 2}}},
	{name: "Giza Vet House", owner: "Mahmoud Saad", phone: "+201000100108", country: "EG", since: 28, terms: []demoTerm{{plan: 0, method: 0}, {plan: 1, method: 1, reference: "IPN-51402"}}},
	{name: "عيادة طنطا البيطرية", owner: "رانيا عوض", phone: "+201000100109", country: "EG", since: 36, terms: []demoTerm{{plan: 0, method: 2, reference: "VC-8120"}}},
	{name: "Desert Equine", owner: "Faisal Al-Harbi", phone: "+966501000104", country: "SA", since: 20, terms: []demoTerm{{plan: 0, method: 5}}, suspended: true},
	{name: "عيادة الخليج البيطرية", owner: "خالد العتيبي", phone: "+96550010105", country: "KW", since: 120, terms: []demoTerm{{plan: 0, method: 5}, {plan: 0, method: 5}}},
	{name: "Little Friends", owner: "Yara Lotfy", phone: "+201000100106", country: "EG", since: 1},
	{name: "Old Town Vet", owner: "Ashraf Zaki", phone: "+201000100107", country: "EG", since: 300, terms: []demoTerm{{plan: 0, method: 0}}, deactivated: true},
}

// settleNeighbours takes the neighbours in, each at its time.
func (d *demoDoor) settleNeighbours(ctx context.Context, now *clock.Clock) error {
	for _, neighbour := range demoNeighbours {
		past := clock.At(now.Now().AddDate(0, 0, -neighbour.since))
		invite, err := staff.New(d.house.db, past).CreateClinic(ctx, d.admin, staff.NewClinic{
			Key: db.NewKey(), Country: neighbour.country, Name: neighbour.name,
			OwnerName: neighbour.owner, OwnerPhone: neighbour.phone,
		})
		if err != nil {
			return fmt.Errorf("take in a neighbour: %w", err)
		}
		terms := subscription.New(d.house.db, past)
		if err := sellTerms(ctx, d.house.reference, terms, d.admin, invite.ClinicID, neighbour.terms); err != nil {
			return err
		}
		past.Set(now.Now().AddDate(0, 0, -2))
		if neighbour.deactivated {
			err = terms.Deactivate(ctx, d.admin, invite.ClinicID)
		}
		if neighbour.suspended {
			err = suspendCurrent(ctx, terms, d.admin, invite.ClinicID)
		}
		if err != nil {
			return fmt.Errorf("settle a neighbour: %w", err)
		}
	}
	return nil
}

func suspendCurrent(ctx context.Context, terms *subscription.Subscriptions, admin staff.Speaker, clinicID int64) error {
	standing, err := terms.CurrentOf(ctx, admin, clinicID)
	if err != nil {
		return err
	}
	_, err = terms.Suspend(ctx, admin, subscription.Change{
		Key: db.NewKey(), ClinicID: clinicID, TermID: standing.Current.ID, Version: standing.Current.Version,
		Comment: "Moving to another building; goes on when they are back.",
	})
	return err
}
