// SPDX-License-Identifier: MIT
// Apache Thrift's Rust: peer client DIALECT PORT.
#[allow(clippy::all, warnings)]
mod everything;

use everything::*;
use std::collections::{BTreeMap, BTreeSet};
use thrift::protocol::*;
use thrift::transport::*;
use thrift::{ApplicationErrorKind, OrderedFloat};

type Input = Box<dyn TInputProtocol + Send>;
type Output = Box<dyn TOutputProtocol + Send>;

fn transports(
    framed: bool,
    port: u16,
) -> (Box<dyn TReadTransport + Send>, Box<dyn TWriteTransport + Send>) {
    let mut channel = TTcpChannel::new();
    channel.open(("127.0.0.1", port)).unwrap();
    let (read, write) = channel.split().unwrap();
    if framed {
        (
            Box::new(TFramedReadTransport::new(read)),
            Box::new(TFramedWriteTransport::new(write)),
        )
    } else {
        (
            Box::new(TBufferedReadTransport::new(read)),
            Box::new(TBufferedWriteTransport::new(write)),
        )
    }
}

// Each client has its own connection, because it takes the ownership of both
// protocols.
fn connect(dialect: &str, port: u16, service: &str) -> (Input, Output) {
    let mux = dialect.starts_with("mux-");
    let (framing, protocol) =
        dialect.trim_start_matches("mux-").split_once('-').unwrap();
    let (read, write) = transports(framing == "framed", port);
    let (input, output): (Input, Output) = match protocol {
        "compact" => (
            Box::new(TCompactInputProtocol::new(read)),
            Box::new(TCompactOutputProtocol::new(write)),
        ),
        _ => (
            Box::new(TBinaryInputProtocol::new(read, protocol != "old")),
            Box::new(TBinaryOutputProtocol::new(write, protocol != "old")),
        ),
    };
    if mux {
        let named = TMultiplexedOutputProtocol::new(service, output);
        (input, Box::new(named))
    } else {
        (input, output)
    }
}

fn sample() -> All {
    let inner = Inner::new(-2, "two".to_string());
    All {
        yes: Some(true),
        tiny: Some(i8::MIN),
        small: Some(i16::MIN),
        medium: Some(i32::MIN),
        big: Some(i64::MIN),
        real: Some(OrderedFloat(0.1)),
        text: Some("na\u{ef}ve \u{20ac} \u{1f600}".to_string()),
        bytes: Some(vec![0, 1, 255]),
        color: Some(Color::BLUE),
        inner: Some(inner.clone()),
        choice: Some(Choice::Inner(inner.clone())),
        numbers: Some(vec![0, 1, -1, i32::MAX, i32::MIN]),
        words: Some(BTreeSet::from(["a".to_string(), String::new()])),
        counts: Some(BTreeMap::from([("min".to_string(), i64::MIN)])),
        inners: Some(vec![inner.clone()]),
        lines: Some(BTreeMap::from([(7, vec!["x".to_string()]), (-7, vec![])])),
        present: Some(-42),
        missing: None,
        bits: Some(vec![true, false, true]),
        reals: Some(vec![OrderedFloat(-1.5), OrderedFloat(1e300)]),
        bigs: Some(BTreeSet::from([i64::MIN, 0, i64::MAX])),
        deep: Some(vec![BTreeMap::from([("k".to_string(), inner.clone())])]),
        fixed: Some(43),
        another: Some(inner),
        blobs: Some(vec![vec![0, 255], vec![]]),
        grid: Some(vec![vec![i16::MIN, -1], vec![]]),
        colors: Some(BTreeMap::from([(Color::RED, true), (Color::BLUE, false)])),
        far: Some(127),
    }
}

fn check_values(c: &mut impl TEverythingSyncClient) {
    assert_eq!(c.echo(sample()).unwrap(), sample());
    assert!(c.flip(false).unwrap() && !c.flip(true).unwrap());
    assert_eq!(
        c.sum(i8::MIN, i16::MIN, i32::MIN, -1).unwrap(),
        i64::from(i8::MIN) + i64::from(i16::MIN) + i64::from(i32::MIN) - 1
    );
    let half = c.half(OrderedFloat(1e-300)).unwrap();
    assert_eq!(half, OrderedFloat(0.5e-300));
    c.nothing().unwrap();
    let text = "0123456789abcdef".repeat(65536);
    assert_eq!(c.large(text.clone()).unwrap(), text);
    let alls = vec![sample(), sample()];
    let both = c.collect(alls.clone()).unwrap();
    assert_eq!(both.len(), 2);
    assert!(both.values().all(|got| *got == alls));
}

fn fails_with<T: std::fmt::Debug>(
    result: thrift::Result<T>,
    kind: ApplicationErrorKind,
) -> String {
    match result {
        Err(thrift::Error::Application(e)) => {
            assert_eq!(e.kind, kind, "{}", e.message);
            e.message
        }
        other => panic!("{:?}", other),
    }
}

fn check_trouble(c: &mut impl TEverythingSyncClient) {
    assert_eq!(c.trouble(0).unwrap(), 0);
    match c.trouble(1) {
        Err(thrift::Error::User(e)) => {
            let wrong = e.downcast_ref::<Wrong>().unwrap();
            assert_eq!(wrong.why.as_deref(), Some("all wrong"));
        }
        other => panic!("{:?}", other),
    }
    match c.trouble(2) {
        Err(thrift::Error::User(e)) => {
            assert_eq!(e.downcast_ref::<Late>().unwrap().ms, Some(i64::MAX))
        }
        other => panic!("{:?}", other),
    }
    let text = fails_with(c.trouble(3), ApplicationErrorKind::InternalError);
    assert!(text.contains("out of order"));
    assert_eq!(c.trouble(0).unwrap(), 0);
}

fn check_versions(c: &mut impl TFutureSyncClient) {
    let mut grown = Grown::default();
    grown.name = Some("first".to_string());
    grown.all = Some(sample());
    grown.more = Some(vec![sample()]);
    grown.choice = Some(Choice::Number(1));
    grown.tail = Some(1234567890123);
    grown.last = Some(5);
    let back = c.grow(grown, sample()).unwrap();
    assert_eq!(back.name.as_deref(), Some("first"));
    assert_eq!(back.tail, Some(1234567890123));
    // Treat a field that was not sent as empty.
    assert!(back.more.unwrap_or_default().is_empty());
    assert_eq!(back.last.unwrap_or_default(), 0);
    fails_with(c.only_here(sample()), ApplicationErrorKind::UnknownMethod);
}

fn check_oneway(c: &mut impl TEverythingSyncClient) {
    let before = c.remembered().unwrap();
    for i in 1..=10 {
        c.forget(i).unwrap();
    }
    assert!((0..100000).any(|_| c.remembered().unwrap() == before + 55));
}

fn check_second(c: &mut impl TSecondSyncClient) {
    assert_eq!(c.twice(21).unwrap(), 42);
    assert_eq!(c.twice(-21).unwrap(), -42);
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    assert_eq!(args[1], "client");
    let (dialect, port) = (&args[2], args[3].parse().unwrap());
    let to = |service| connect(dialect, port, service);
    let (input, output) = to("Everything");
    let mut c = EverythingSyncClient::new(input, output);
    check_values(&mut c);
    check_trouble(&mut c);
    check_oneway(&mut c);
    for i in 0..200 {
        assert_eq!(c.sum(1, i, 2, 3).unwrap(), i64::from(i) + 6);
    }
    let (input, output) = to("Everything");
    check_versions(&mut FutureSyncClient::new(input, output));
    if dialect.starts_with("mux-") {
        let (input, output) = to("Second");
        check_second(&mut SecondSyncClient::new(input, output));
        let (input, output) = to("Nobody");
        let mut nobody = EverythingSyncClient::new(input, output);
        fails_with(nobody.nothing(), ApplicationErrorKind::ProtocolError);
    }
}
