package admin

import (
	"context"
	"errors"
	"strconv"

	"vetalyze/bot/chat"
	"vetalyze/bot/fields"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

const (
	fieldCountry     = "country"
	fieldName        = "name"
	fieldOwnerName   = "owner_name"
	fieldPhone       = "phone"
	fieldSecondPhone = "second_phone"
	fieldLocation    = "location"
)

// offeredCountries is how many countries stand on buttons; any other is typed.
const offeredCountries = 12

// newClinic is the conversation in which an admin takes in a clinic; it ends with
// the invitation of the clinic's owner.
func (a *Admin) newClinic() *form.Form {
	phone := fields.Phone(fieldPhone, fieldOwnerName, countryAnswered)
	second := fields.Phone(fieldSecondPhone, "", countryAnswered)
	second.Later, second.Skippable = true, true
	owner := fields.Name(fieldOwnerName)
	owner.AcceptContact = fields.Person(fieldOwnerName, fieldPhone, countryAnswered)
	return &form.Form{
		Name: "newclinic", Texts: "admin.new_clinic", Right: staff.RightManageClinics,
		Fields: []form.Field{
			{Name: fieldCountry, Choices: a.countryChoices, Accept: a.acceptCountry, Choose: a.chooseCountry, Show: a.showCountry},
			fields.Name(fieldName),
			owner,
			phone,
			second,
			{Name: fieldLocation, Skippable: true, Accept: acceptLocation},
		},
		Save: a.createClinic,
	}
}

func (a *Admin) createClinic(ctx context.Context, t *chat.Turn, key form.Key, answers dialog.Answers) (chat.Screen, error) {
	created, err := a.staff.CreateClinic(ctx, t.Speaker, staff.NewClinic{
		Key:         key,
		Country:     answers.Item[fieldCountry],
		Name:        answers.Item[fieldName],
		OwnerName:   answers.Item[fieldOwnerName],
		OwnerPhone:  answers.Item[fieldPhone],
		SecondPhone: answers.Item[fieldSecondPhone],
		Location:    answers.Item[fieldLocation],
	})
	if err != nil {
		return chat.Screen{}, err
	}
	screen := a.linkScreen(t, "admin.new_clinic.saved", created)
	sell := chat.Button{Label: t.Plain("admin.clinic.sell"), Data: chat.Data(routeTerms, actSell, short(created.ClinicID))}
	screen.Rows = append([][]chat.Button{{sell}}, screen.Rows...)
	return screen, nil
}

// renewOwnersLink makes a new invitation for a clinic's owner; the former link
// opens nothing any more.
func (a *Admin) renewOwnersLink(ctx context.Context, t *chat.Turn, argument string) error {
	clinicID, err := strconv.ParseInt(argument, 10, 64)
	if err != nil {
		return t.Decline(ctx, "form.expired")
	}
	renewed, err := a.staff.NewOwnerLink(ctx, t.Speaker, clinicID)
	if errors.Is(err, staff.ErrNotFound) {
		return t.Decline(ctx, "admin.new_clinic.gone")
	}
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, a.linkScreen(t, "admin.new_clinic.link_renewed", renewed))
	return err
}

// linkScreen shows the invitation of a clinic's owner.
func (a *Admin) linkScreen(t *chat.Turn, key string, created staff.ClinicInvite) chat.Screen {
	return chat.Screen{
		Text: t.Text(key, chat.Args{
			"Clinic": created.ClinicName, "Owner": created.OwnerName, "Link": a.link(created.Token),
			"Until": t.Moment(created.ExpiresAt, a.zone),
		}),
		Rows: [][]chat.Button{
			{{
				Label: t.Plain("admin.new_clinic.renew_link"),
				Data:  chat.Data(routeOwnersLink, strconv.FormatInt(created.ClinicID, 10)),
			}},
			backToClinic(t, created.ClinicID, created.ClinicName),
		},
	}
}

func countryAnswered(s form.Step) string { return s.Answers.Item[fieldCountry] }

func (a *Admin) countryChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	countries, err := a.reference.Countries(ctx)
	if err != nil {
		return nil, err
	}
	var choices []form.Choice
	offered := countries.Offered()
	for _, country := range offered[:min(offeredCountries, len(offered))] {
		choices = append(choices, form.Choice{Value: country.Code, Label: s.Choose(country.NameEN, country.NameAR)})
	}
	return choices, nil
}

// acceptCountry takes a country that is typed: its name in either language or
// its ISO code.
func (a *Admin) acceptCountry(ctx context.Context, s form.Step, typed string) error {
	countries, err := a.reference.Countries(ctx)
	if err != nil {
		return err
	}
	country, ok := countries.Find(typed)
	if !ok {
		return form.Refuse("admin.new_clinic.country.unknown", nil)
	}
	return a.chooseCountry(ctx, s, country.Code)
}

// chooseCountry keeps the country. Phones that were given for another one are
// asked again.
func (a *Admin) chooseCountry(_ context.Context, s form.Step, code string) error {
	if s.Item[fieldCountry] != code {
		delete(s.Item, fieldPhone)
		delete(s.Item, fieldSecondPhone)
	}
	s.Item[fieldCountry] = code
	return nil
}

func (a *Admin) showCountry(ctx context.Context, s form.Step, code string) (string, error) {
	countries, err := a.reference.Countries(ctx)
	if err != nil {
		return "", err
	}
	for _, country := range countries {
		if country.Code == code {
			return s.Choose(country.NameEN, country.NameAR), nil
		}
	}
	return code, nil
}

func acceptLocation(_ context.Context, s form.Step, typed string) error {
	location, err := registry.ParseLine(typed, 500)
	if err != nil {
		return fields.Refusal(err)
	}
	s.Item[fieldLocation] = location
	return nil
}
