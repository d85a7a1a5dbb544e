// Package fields has the questions that more than one room asks: names and
// phones, typed or shared as a contact. It only ties the registry's parsers to
// the dialog engine; it has no questions of its own.
package fields

import (
	"context"
	"errors"

	"github.com/go-telegram/bot/models"

	"vetalyze/bot/form"
	"vetalyze/internal/registry"
)

// A Country tells whose phones may be typed without a country code: an ISO
// 3166-1 code such as "EG".
type Country func(s form.Step) string

// OfClinic is the country of the clinic the speaker works in.
func OfClinic(s form.Step) string { return s.Speaker.Member.Country }

// Name asks for a full name.
func Name(field string) form.Field {
	return form.Field{Name: field, Accept: func(_ context.Context, s form.Step, typed string) error {
		name, err := registry.ParseName(typed)
		return set(s, field, name, err)
	}}
}

// Phone asks for a phone of a country. A shared contact gives it too, and the
// name as well where nameField is still to be asked.
func Phone(field, nameField string, country Country) form.Field {
	return form.Field{
		Name: field,
		Accept: func(_ context.Context, s form.Step, typed string) error {
			phone, err := registry.ParsePhone(typed, country(s))
			return set(s, field, phone, err)
		},
		AcceptContact: Contact(field, nameField, country),
		Show:          ShowPhone(country),
	}
}

// Contact takes the phone of a shared contact, and its name where nameField has
// no answer yet.
func Contact(field, nameField string, country Country) func(context.Context, form.Step, *models.Contact) error {
	return func(_ context.Context, s form.Step, contact *models.Contact) error {
		phone, name, err := registry.ParseContact(registry.Contact{
			FirstName: contact.FirstName, LastName: contact.LastName, Phone: contact.PhoneNumber,
		}, country(s))
		if err != nil {
			return Refusal(err)
		}
		if _, answered := s.Item[nameField]; nameField != "" && !answered && name != "" {
			s.Item[nameField] = name
		}
		s.Item[field] = phone
		return nil
	}
}

// Person takes both the name and the phone of a shared contact, when it is the
// name that is asked.
func Person(nameField, field string, country Country) func(context.Context, form.Step, *models.Contact) error {
	take := Contact(field, nameField, country)
	return func(ctx context.Context, s form.Step, contact *models.Contact) error {
		before, answered := s.Item[nameField]
		delete(s.Item, nameField)
		err := take(ctx, s, contact)
		if _, named := s.Item[nameField]; answered && !named {
			s.Item[nameField] = before
		}
		return err
	}
}

// ShowPhone shows a phone as it is dialled inside the country.
func ShowPhone(country Country) func(context.Context, form.Step, string) (string, error) {
	return func(_ context.Context, s form.Step, phone string) (string, error) {
		return registry.ShowPhone(phone, country(s)), nil
	}
}

func set(s form.Step, field, value string, err error) error {
	if err != nil {
		return Refusal(err)
	}
	s.Item[field] = value
	return nil
}

// Refusal turns what the registry will not take into words; other errors stay.
func Refusal(err error) error {
	var invalid registry.Invalid
	if errors.As(err, &invalid) {
		return form.Refuse(Reason(invalid), nil)
	}
	return err
}

// Reason is the key of the text that tells what to type instead.
func Reason(invalid registry.Invalid) string {
	return "invalid." + string(invalid.Field) + "." + string(invalid.Reason)
}
