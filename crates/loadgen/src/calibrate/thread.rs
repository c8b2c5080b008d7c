//! What a thread costs that does nothing: started and joined, on the client's CPUs.

use measurement::clock::now_ns;

use super::Probe;

pub(super) const STD: Probe = Probe {
    name: "thread/std",
    doc: "starting and joining a thread as std::thread ships it",
    unit: "us",
    run: |ground| ground.sample(|| started_and_joined(false)),
};

pub(super) const LEAN: Probe = Probe {
    name: "thread/lean",
    doc: "starting and joining a lean thread: small stack, no signal stack",
    unit: "us",
    run: |ground| ground.sample(|| started_and_joined(true)),
};

fn started_and_joined(lean: bool) -> anyhow::Result<u64> {
    let began = now_ns();
    client::start_and_join(lean)?;
    Ok(now_ns() - began)
}
