//! Makes the code of the contract from the descriptors that the project's own build leaves.
use prost::Message;
use prost_types::FileDescriptorSet;

const IMAGE: &str = "../../../dist/image.binpb";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed={IMAGE}");
    let descriptors = FileDescriptorSet::decode(std::fs::read(IMAGE)?.as_slice())?;
    tonic_prost_build::configure()
        .build_client(false)
        // Values are shared rather than copied.
        .bytes(".krusty")
        .include_file("contract.rs")
        .compile_fds(descriptors)?;
    Ok(())
}
