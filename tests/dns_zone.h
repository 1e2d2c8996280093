/* SPDX-License-Identifier: MIT */
/* Writes the answers of a name server, right ones and wrong ones. */
#ifndef WEFT_TESTS_DNS_ZONE_H
#define WEFT_TESTS_DNS_ZONE_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DNS_REPLY_MAX 65535u
#define DNS_UDP_MAX 1232u
#define DNS_ADDRESSES 4
#define DNS_RECORDS 6

enum { DNS_A = 1, DNS_CNAME = 5, DNS_AAAA = 28, DNS_SRV = 33 };
enum { DNS_SERVFAIL = 2, DNS_NXDOMAIN = 3 };

struct dns_host {
    const char *name;
    const char *addresses[DNS_ADDRESSES]; /* of IPv4 and IPv6; may end in
                                             NULL */
    int many; /* also so many addresses from 127.1.0.1 on */
};

struct dns_record {
    uint16_t priority, weight, port;
    const char *host;
};

/* What the server knows, and how it lies. */
struct dns_zone {
    struct dns_host hosts[DNS_ADDRESSES]; /* may end with a name NULL */
    const char *service;
    struct dns_record records[DNS_RECORDS]; /* may end with a host NULL */
    int many; /* also so many records, of the hosts many0.test, many1.test and
                 so on, each with an address of its own */
    uint32_t ttl_s;
    const char *alias; /* another name of hosts[0] */
    uint32_t alias_ttl_s;
    int rcode;              /* of each answer */
    bool wrong_id;          /* each answer is to another question */
    bool wrong_question;    /* the same, but has the id */
    bool garbage;           /* each answer ends within a record */
    bool cut;               /* each answer over UDP is cut off */
    bool silent;            /* none is answered */
    int silent_for;         /* nor is one for this type; 0: all types are */
    int fails_for, n_fails; /* so many answers for this type are SERVFAIL */
};

struct dns_writer {
    uint8_t *at, *end;
    uint16_t n; /* records */
};

static inline void
dns_put(struct dns_writer *w, const void *bytes, size_t n)
{
    if ((size_t)(w->end - w->at) < n)
        return; /* the reply is shorter than it should be */
    memcpy(w->at, bytes, n);
    w->at += n;
}

static inline void
dns_put_number(struct dns_writer *w, uint32_t value, int n)
{
    uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                        (uint8_t)(value >> 8), (uint8_t)value};
    dns_put(w, bytes + 4 - n, (size_t)n);
}

static inline void
dns_put_name(struct dns_writer *w, const char *name)
{
    while (*name) {
        size_t n = strcspn(name, ".");
        dns_put_number(w, (uint32_t)n, 1);
        dns_put(w, name, n);
        name += n + (name[n] == '.');
    }
    dns_put_number(w, 0, 1);
}

static inline void
dns_put_record(struct dns_writer *w, const char *name, int type, uint32_t ttl_s,
               const void *data, size_t n)
{
    dns_put_name(w, name);
    dns_put_number(w, (uint32_t)type, 2);
    dns_put_number(w, 1, 2);
    dns_put_number(w, ttl_s, 4);
    dns_put_number(w, (uint32_t)n, 2);
    dns_put(w, data, n);
    w->n++;
}

static inline void
dns_put_host(struct dns_writer *w, const struct dns_host *host, int type,
             uint32_t ttl_s)
{
    uint8_t bytes[16];
    for (int i = 0; i < host->many && type == DNS_A; i++) {
        uint8_t many[4] = {127, 1, (uint8_t)(i / 250), (uint8_t)(1 + i % 250)};
        dns_put_record(w, host->name, type, ttl_s, many, sizeof many);
    }
    for (int i = 0; i < DNS_ADDRESSES && host->addresses[i]; i++) {
        bool is_ipv6 = strchr(host->addresses[i], ':');
        if (is_ipv6 == (type == DNS_AAAA) &&
            inet_pton(is_ipv6 ? AF_INET6 : AF_INET, host->addresses[i],
                      bytes) == 1)
            dns_put_record(w, host->name, type, ttl_s, bytes, is_ipv6 ? 16 : 4);
    }
}

static inline void
dns_put_srv(struct dns_writer *w, const struct dns_zone *zone,
            const struct dns_record *record)
{
    uint8_t data[300];
    struct dns_writer d = {data, data + sizeof data, 0};
    dns_put_number(&d, record->priority, 2);
    dns_put_number(&d, record->weight, 2);
    dns_put_number(&d, record->port, 2);
    dns_put_name(&d, record->host);
    dns_put_record(w, zone->service, DNS_SRV, zone->ttl_s, data,
                   (size_t)(d.at - data));
}

static inline void
dns_put_service(struct dns_writer *w, const struct dns_zone *zone)
{
    for (int i = 0; i < DNS_RECORDS && zone->records[i].host; i++)
        dns_put_srv(w, zone, &zone->records[i]);
    for (int i = 0; i < zone->many; i++) {
        char host[32];
        snprintf(host, sizeof host, "many%d.test", i);
        dns_put_srv(w, zone, &(struct dns_record){0, 1, 9000, host});
    }
}

/* Returns whether the zone has the name. */
static inline bool
dns_put_answers(struct dns_writer *w, const struct dns_zone *zone,
                const char *name, int type)
{
    if (zone->service && strcmp(name, zone->service) == 0) {
        if (type == DNS_SRV)
            dns_put_service(w, zone);
        return true;
    }
    if (zone->alias && strcmp(name, zone->alias) == 0) {
        uint8_t data[300];
        struct dns_writer d = {data, data + sizeof data, 0};
        dns_put_name(&d, zone->hosts[0].name);
        dns_put_record(w, name, DNS_CNAME, zone->alias_ttl_s, data,
                       (size_t)(d.at - data));
        name = zone->hosts[0].name;
    }
    for (int i = 0; i < DNS_ADDRESSES && zone->hosts[i].name; i++)
        if (strcmp(name, zone->hosts[i].name) == 0) {
            dns_put_host(w, &zone->hosts[i], type, zone->ttl_s);
            return true;
        }
    int k = 0;
    bool is_one = sscanf(name, "many%d.test", &k) == 1 && k < zone->many;
    uint8_t address[4] = {127, 2, (uint8_t)(k / 250), (uint8_t)(1 + k % 250)};
    if (is_one && type == DNS_A)
        dns_put_record(w, name, type, zone->ttl_s, address, sizeof address);
    return is_one;
}

/* Reads the name of the first question. Returns the bytes of the question, and
 * 0 if there is none. */
static inline size_t
dns_read_question(const uint8_t *query, size_t n, char name[256], int *type)
{
    size_t at = 12, len = 0;
    while (at < n && query[at]) {
        size_t label = query[at];
        if (at + label >= n || len + label + 2 > 255)
            return 0;
        memcpy(name + len, query + at + 1, label);
        len += label;
        name[len++] = '.';
        at += label + 1;
    }
    if (at + 5 > n || len == 0)
        return 0;
    name[len - 1] = '\0';
    *type = query[at + 1] << 8 | query[at + 2];
    return at + 5 - 12;
}

/* Answer a query. Returns the length of the reply; 0: there is none. *type
 * receives the type that was asked for. */
static inline size_t
dns_reply(struct dns_zone *zone, const uint8_t *query, size_t n, bool is_udp,
          uint8_t reply[DNS_REPLY_MAX], int *type)
{
    char name[256];
    int rcode = zone->rcode;
    size_t question = n > 12 ? dns_read_question(query, n, name, type) : 0;
    if (!question || zone->silent || *type == zone->silent_for)
        return 0;
    if (*type == zone->fails_for && zone->n_fails > 0) {
        zone->n_fails--;
        rcode = DNS_SERVFAIL;
    }
    struct dns_writer w = {reply, reply + DNS_REPLY_MAX, 0};
    dns_put(&w, query, 2);
    dns_put_number(&w, 0x8180, 2); /* an answer; recursion as it was asked */
    dns_put_number(&w, 1, 2);
    dns_put_number(&w, 0, 4);
    dns_put_number(&w, 0, 2);
    dns_put(&w, query + 12, question);
    bool known = !rcode && dns_put_answers(&w, zone, name, *type);
    size_t len = (size_t)(w.at - reply);
    reply[3] = (uint8_t)(0x80 | (rcode || known ? rcode : DNS_NXDOMAIN));
    reply[6] = (uint8_t)(w.n >> 8);
    reply[7] = (uint8_t)w.n;
    reply[0] ^= zone->wrong_id;
    reply[13] ^= zone->wrong_question;
    if (zone->garbage && w.n > 0)
        len -= 3;
    if (is_udp && (zone->cut || len > DNS_UDP_MAX)) {
        reply[2] |= 2; /* cut off */
        reply[6] = reply[7] = 0;
        len = 12 + question;
    }
    return len;
}

#endif
